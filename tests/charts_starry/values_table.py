"""The table of values in Starry's chart's README, from the comments in its values.yaml.

`python -m tests.charts_starry.values_table` writes it; a test holds the README to it.
"""

from pathlib import Path

from tests.charts.values_table import write

CHART = Path(__file__).parents[2] / "charts" / "starry"

if __name__ == "__main__":
    write(CHART)
