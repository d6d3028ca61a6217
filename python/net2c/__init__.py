"""net2c: a trained convolutional network becomes plain C."""
