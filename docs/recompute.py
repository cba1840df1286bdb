"""Recompute a Klarwert score from its points card, without any of Klarwert's own code.

    python3 docs/recompute.py CARD.json SCORE.json

CARD.json is the card that the score names as its `model` (/card.json of a service, model/card.json here);
SCORE.json what `klarwert score ARCHIVE --json` prints or GET /api/v1/score answers. Prints the points of
every criterion, and ends with 1 if the score stated is another one.
"""

import itertools
import json
import math
import pathlib
import sys


def common_input(card, networks, criterion):
    """All networks together, in the card's common units; None where no network's data hold the figure."""
    if criterion == "consistency":  # weeks are united: a week with a response on two networks is one week
        weeks = [network["response_weeks"] for network in networks if network["response_weeks"] is not None]
        return len(set().union(*weeks)) if weeks else None
    units = card["units"]["networks"]
    given = [(units[one["platform"]], one["values"][criterion]) for one in networks]
    known = [unit[criterion]["factor"] * value for unit, value in given if value is not None]
    return math.fsum(known) if known else None


def points(curve, x):
    """Straight in ln(1 + x) between the knots, flat beyond the last; a missing input earns nothing."""
    if x is None:
        return 0.0
    for (a, p), (b, q) in itertools.pairwise(zip(curve["knots"], curve["points"], strict=True)):
        if x < b:
            return p + (q - p) * (math.log1p(x) - math.log1p(a)) / (math.log1p(b) - math.log1p(a))
    return curve["points"][-1]


def recompute(card, score):
    """The points of every criterion, the exact score, and the whole number that is shown."""
    networks = score["networks"]
    earned = {one["name"]: points(one, common_input(card, networks, one["name"])) for one in card["criteria"]}
    exact = card["base"] + math.fsum(earned.values())
    return earned, exact, math.floor(exact + 0.5)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    card, score = (json.loads(pathlib.Path(name).read_text("utf-8")) for name in sys.argv[1:])
    if score.get("model") != card["digest"]:
        sys.exit("This score names another points card as its model, or is no score.")
    earned, exact, shown = recompute(card, score)
    for criterion, amount in earned.items():
        print(f"{criterion:15} {amount:9.4f}")
    print(f"{'exact':15} {exact:9.4f}\n{'score':15} {shown:4}")
    if shown != score["score"] or abs(exact - score["exact"]) > 1e-9:
        sys.exit(f"The score stated is {score['score']} ({score['exact']}), not the one recomputed here.")
