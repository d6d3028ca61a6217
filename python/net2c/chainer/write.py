"""The file: JSON, one value or function a line."""
import json
import os


def write(path, document):
    """Writes under another name first, so that a failure leaves nothing half written."""
    part = f"{path}.part{os.getpid()}"
    try:
        with open(part, "w", encoding="utf-8") as file:
            file.write(text_of(document))
        os.replace(part, path)
    except OSError:
        if os.path.exists(part):
            os.remove(part)
        raise


def text_of(document):
    lines = []
    for key, value in document.items():
        if isinstance(value, list):
            items = ",\n  ".join(json.dumps(item, allow_nan=False) for item in value)
            lines.append(f'"{key}": [\n  {items}\n]' if value else f'"{key}": []')
        else:
            lines.append(f'"{key}": {json.dumps(value, allow_nan=False)}')
    return "{\n" + ",\n".join(lines) + "\n}\n"
