"""Reads a layer with mitreattack-python, strictly; exit 77 if that is not installed."""
import sys

try:
    from mitreattack.navlayers import Layer
except ImportError:
    print("python3 has no mitreattack-python")
    sys.exit(77)

layer = Layer(strict=True)
layer.from_file(sys.argv[1])
if layer.layer is None:
    sys.exit("the layer was refused")
