"""
gensim's LdaModel, or another class like it, on documents from standard input, {"documents": [[word, ...], ...],
"words": V, "k": K, "seconds": S, "class": name, "settings": {...}}: passes over them until S seconds of training are
spent. After each pass one line, {"seconds": training so far, "processor": of all processors, "tops": the ten likeliest
words of each topic}.
"""
import json
import os
import sys
import time
from collections import Counter

import gensim

asked = json.load(sys.stdin)
corpus = [sorted(Counter(words).items()) for words in asked['documents'] if words]
names = {word: str(word) for word in range(asked['words'])}
print(json.dumps({'version': gensim.__version__}), flush=True)
model = getattr(gensim.models, asked['class'])(id2word=names, num_topics=asked['k'], random_state=1, eval_every=None, **asked['settings'])


def used():
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


seconds = 0.0
processor = 0.0
while seconds < asked['seconds']:
    start, before = time.perf_counter(), used()
    model.update(corpus)
    seconds += time.perf_counter() - start
    processor += used() - before
    tops = [row.argsort()[::-1][:10].tolist() for row in model.get_topics()]
    print(json.dumps({'seconds': seconds, 'processor': processor, 'tops': tops}), flush=True)
