"""
nltk's METEOR, as a peer to time against and to check the scores with. bench/metrics.ts writes {hypotheses, references},
sentences as lists of words, to standard input; the answer is {version, scores, seconds}. Synonyms are left out: nltk's
WordNet is a download of its own.
"""
import json
import sys
import time

import nltk
from nltk.translate.meteor_score import meteor_score


class NoSynonyms:
    def synsets(self, word):
        return []


given = json.load(sys.stdin)
started = time.perf_counter()
scores = [meteor_score(references, hypothesis, wordnet=NoSynonyms()) for hypothesis, references in zip(given['hypotheses'], given['references'])]
json.dump({'version': nltk.__version__, 'scores': scores, 'seconds': time.perf_counter() - started}, sys.stdout)
