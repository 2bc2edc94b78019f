"""The command line as `python -m remanence`."""

from remanence.surfaces.cli import main

if __name__ == "__main__":
    main()
