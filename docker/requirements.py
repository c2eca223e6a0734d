"""Prints pinned requirements of setup.cfg: `requirements.py runtime|constraints|oca`.

Runs on any Python 3, without anything installed. In the containers setup.cfg is beside this file.
"""

import configparser
import sys
from pathlib import Path

LISTS = {
    "runtime": ("options", "install_requires"),
    "constraints": ("visibility:lock", "versions"),
    "oca": ("options.extras_require", "oca"),
}


def pins(name, config):
    """The lines of one list, without comments."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(config)
    section, option = LISTS[name]
    return [line for line in parser[section][option].splitlines() if line and not line.startswith("#")]


if __name__ == "__main__":
    here = Path(__file__).resolve().parent
    setup_cfg = next(folder / "setup.cfg" for folder in (here, here.parent) if (folder / "setup.cfg").exists())
    print("\n".join(pins(sys.argv[1], setup_cfg.read_text(encoding="utf-8"))))
