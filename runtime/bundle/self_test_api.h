/* Runs the input that is kept in the weights and compares with what the compiler's own run gave: 0, NET2C_WRONG_RESULT, or what
 * the trace hook returned. Bit by bit where the CPU has fused multiply-add, else within 1e-3 of the largest number.
 * scratch: NET2C_SELF_TEST_BYTES, aligned as for malloc. */
int net2c_self_test(struct net2c *net, void *scratch);
