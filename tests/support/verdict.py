"""How a proof ends: what it found broken is printed, and the place where that happened is kept."""

import shutil

MOST_SHOWN = 40


def end(broken, place):
    """Prints what is broken, a line each, and removes the place if nothing is; answers the exit
    code."""
    for line in broken[:MOST_SHOWN]:
        print(f'BROKEN: {line}')
    if broken:
        print(f'{len(broken)} broken; kept: {place}')
        return 1
    shutil.rmtree(place, ignore_errors=True)
    return 0
