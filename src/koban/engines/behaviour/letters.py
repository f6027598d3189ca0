"""How much a name looks like one that people made up: a small table of letter pairs, from a list of words of our
own.

The score of a label is the mean, over its pairs of neighbouring characters, of how much likelier (in bits) the
second is after the first in our words than any character at all.  Words and names that people choose lie above 0,
random letters below.  Whoever wants to know why a name is odd can add it up by hand.
"""

from __future__ import annotations

import math
from collections import Counter
from functools import cache

CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789-"

WORDS = """
able about account action active admin advert agency agent alarm alert alpha amber analytics anchor android answer
apple archive area arena artist asset atlas audio author auto avenue award baby backup badge bakery balance banana
bank banner bargain basic basket battery beach beacon beauty bench best beta better bicycle binary bird blank blog
blue board body bonus book border bottle bottom branch brand bread bridge bright broker browser brush bubble bucket
budget build bundle business butter button cable cache calendar camera campaign camp canal candle capital captain
carbon card career cargo carpet carry castle catalog center central chain chair chance change channel chapter charge
chart chat check cherry chicken child choice church circle citizen city clean clear client climate clinic clock cloud
club cluster coach coast code coffee collect college color column combine comfort comment common company compare
compute concert connect console contact content control cookie copper coral corner cotton count country coupon course
court cover craft cream create credit crew cricket crown crystal culture custom cycle daily dance data dealer debug
deep delta demand demo dentist deploy design desk detail device dialog diamond digital dinner direct discount discover
display doctor document dollar domain donate double down dragon dream dress drive drum eagle early earth east easy
edge editor effect electric element email energy engine enjoy enter equal error estate event every exact exam example
exchange expert explore export express fabric factory family fan farm fashion fast father feature feed field figure
file film filter final finance find finger fire first fish fitness flag flash fleet flight floor flower focus follow
food forest forever form fortune forum forward frame free fresh friend front fruit fuel full fund future gallery game
garden gate gather general giant gift glass global goal gold good grand graph great green grid ground group grow guard
guide guitar habit hair hammer hand happy harbor hard harvest health heart heavy hello help hero high hill history
hobby holiday home honest honey hope horse hospital host hotel house human hunter icon idea image impact import index
industry info inside insight install insure intel invest invoice iron island item jacket jewel join journal journey
juice jump junior kernel key kind king kitchen knife know label lab lake land laptop large laser launch law layer
leader leaf league learn leather legal lemon lesson letter level library license life light limit line link lion list
little live local lock logic login long look loop lounge love lucky lunch machine magic mail main major maker manage
manor map marble march marine market master match matter maximum meadow media medical meet member memory menu merchant
message metal meter metric middle mile milk mind mine minute mirror mobile model modern moment monitor month moon more
morning motion motor mountain mouse movie music native nature network never news next night noble north note number
nurse object ocean office official offline oil olive online open orange orbit order organic origin other outdoor oven
owner oxygen pack page paint pair palace panel paper parade parent park part party pass past patch path pattern pay
peace pearl people perfect person phone photo piano picture pilot pipe pixel pizza place plain plan planet plant
plastic plate play plaza pocket point police policy polo pool popular port postal power practice prefer premium
present press price prime print private prize process product profile program project promise proof proper public
pulse pump purple puzzle quality queen quest quick quiet quiz quote rabbit radar radio rail rain range rapid rate
reach reader real recipe record red region relay remote rental repair reply report rescue research reserve resort
result retail return reward rhythm rice ride right ring river road robot rocket rock role roof room root rose round
route royal rubber run safe sail salad sale salon sample sand satellite save scale scan school science score scout
screen search season seat second secret section secure seed select sell senior sense series server service session
share sheet shelf shell shield shine ship shirt shoe shop short show signal silver simple singer site size skill sky
sleep slide smart smile smooth snow social soft solar solid song sound source south space spark speak special speed
spirit sport spring square stable staff stage stamp standard star start state static station status steel step stock
stone store storm story strategy stream street strong studio study style sugar suite summer sun super supply support
surf survey sweet swift switch symbol system table talent talk target task taste taxi teach team tech temple tennis
test text theater theme think thunder ticket tiger time tiny tip title today token tool topic torch total touch tour
tower town track trade traffic trail train transfer travel treasure tree trend trial tribe trip true trust tunnel
turbo tutor twin type ultra union unique unit update upload urban user valley value vault vector vehicle velvet
venture verify version video view village vine vision visit vital voice volume vote voyage wagon walk wall watch water
wave wealth weather web wedding week welcome west wheel white wild window wine winner winter wire wise wish wolf woman
wonder wood word work world writer yard year yellow yoga young zebra zero zone
""".split()
"""Words that names on the internet are made of."""

DIGIT_BITS = -1.5
"""What a pair with a digit counts: our words have none, and names have few."""


@cache
def pairs() -> dict[str, float]:
    """The bits of each pair of characters."""
    seen = Counter(w[i : i + 2] for w in WORDS for i in range(len(w) - 1))
    starts = Counter(pair[0] for pair in seen.elements())
    letters = CHARACTERS[:26]
    table = {
        a + b: math.log2((seen[a + b] + 0.5) / (starts[a] + 0.5 * len(letters)) * len(letters))
        for a in letters
        for b in letters
    }
    digits = CHARACTERS[26:36]
    for a in CHARACTERS:
        for b in CHARACTERS:
            if a in digits or b in digits:
                table[a + b] = DIGIT_BITS
            elif "-" in (a, b):
                table[a + b] = 0.0
    return table


def score(label: str) -> float:
    """The score of one label, as the query computes it: above 0 like our words, below like chance."""
    found = [bits for i in range(len(label) - 1) if (bits := pairs().get(label[i : i + 2].lower())) is not None]
    return sum(found) / len(found) if found else 0.0
