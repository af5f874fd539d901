"""
gensim's LdaModel on documents from standard input, {"documents": [[word, ...], ...], "words": V, "k": K, "seconds": S,
"settings": {...}}: passes over them until S seconds of training are spent. After each pass one line, {"seconds": training
so far, "tops": the ten likeliest words of each topic}.
"""
import json
import sys
import time
from collections import Counter

import gensim

asked = json.load(sys.stdin)
corpus = [sorted(Counter(words).items()) for words in asked['documents'] if words]
names = {word: str(word) for word in range(asked['words'])}
print(json.dumps({'version': gensim.__version__}), flush=True)
model = gensim.models.LdaModel(id2word=names, num_topics=asked['k'], random_state=1, eval_every=None, **asked['settings'])
seconds = 0.0
while seconds < asked['seconds']:
    start = time.perf_counter()
    model.update(corpus)
    seconds += time.perf_counter() - start
    tops = [row.argsort()[::-1][:10].tolist() for row in model.get_topics()]
    print(json.dumps({'seconds': seconds, 'tops': tops}), flush=True)
