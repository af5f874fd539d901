"""
scikit-learn's LogisticRegression as a peer. bench/actions.ts writes {features, classes, learnt, strengths} to standard
input: rows of features, their classes, how many of the first rows are learnt from, and values of C. The answer is {version,
losses}: for each C the log-loss on the rows that are learnt from, and on the others.
"""
import json
import sys

import numpy as np
import sklearn
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

given = json.load(sys.stdin)
features, classes, learnt = np.array(given['features']), np.array(given['classes']), given['learnt']
deviation = features[:learnt].std(0)
scaled = (features - features[:learnt].mean(0)) / np.where(deviation > 0, deviation, np.inf)
losses = []
for strength in given['strengths']:
    model = LogisticRegression(C=strength, tol=1e-10, max_iter=100000).fit(scaled[:learnt], classes[:learnt])
    losses.append(
        [log_loss(classes[rows], model.predict_proba(scaled[rows]), labels=model.classes_) for rows in (slice(learnt), slice(learnt, None))]
    )
json.dump({'version': sklearn.__version__, 'losses': losses}, sys.stdout)
