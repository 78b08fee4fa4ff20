# A bundle's Unit/lit.site.cfg.py: the programs stand beside it.
import os

unit = os.path.dirname(os.path.abspath(__file__))
config.parallax_exec_root = unit
config.parallax_data_dir = os.path.join(os.path.dirname(unit), "data")
config.parallax_sanitized = False

lit_config.load_config(config, os.path.join(unit, "lit.cfg.py"))
