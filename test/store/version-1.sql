-- What version 0.1.0 of the program wrote: one row of everything that refers to a model.
INSERT INTO clip (name, split) VALUES ('a', 'test');
INSERT INTO topic_run (request, documents, tokens, sweeps, seconds, tokens_per_second, created_at)
VALUES ('{"k":1,"iterations":1,"seed":1,"minDocumentFrequency":1,"maxDocumentShare":1,"topicsPerClip":3,"minShare":0.05}', 1, 1, 1, 1, 1, '2026-11-23T00:00:00.000Z');
INSERT INTO topic (run_id, position, label) VALUES (1, 0, 'birds');
INSERT INTO job (kind, title, params, state, process, created_at, started_at, ended_at, summary)
VALUES ('train', 'Train', '{}', 'done', 1, '2026-11-23T00:00:00.000Z', '2026-11-23T00:00:01.000Z', '2026-11-23T00:00:02.000Z', 'trained');
INSERT INTO model (parent_id, job_id, kind, origin, state, settings, seed, topics, feature_key, frames, device, steps, captions_per_second, seconds, neurons, best, note, created_at) VALUES
(NULL, 1, 'interpretive', 'trained', 'ready',
  '{"projection":128,"deltas":true,"encoderSize":96,"keepFeatures":false,"hiddenSize":192,"attentionSize":96,"embeddingSize":96,"topicHiddenSize":128,"inputDropout":0.5,"dropout":0.5,"lambda":0.1,"topicLoss":"squared","weightDecay":0.0003,"attentionPenalty":0.7,"learningRate":0.003,"schedule":"cosine","clipNorm":10,"batchClips":8,"captionsPerClip":5,"epochs":20,"patience":20,"minWordCount":1,"maxWords":30}',
  1, '[1]', 'k', 28, 'cpu', 20, 100, 2.5, 192, '{"step":10,"nll":2,"bleu4":0.1,"cider":0.2}', 'first', '2026-11-23T00:00:01.000Z'),
(1, NULL, 'interpretive', 'corrected', 'proposed', '{}', 1, '[1]', 'k', 28, 'cpu', 5, NULL, 1, 192, NULL, 'Correction of a.', '2026-11-23T00:00:03.000Z'),
(1, NULL, 'interpretive', 'corrected', 'failed', '{}', 1, '[1]', 'k', 28, NULL, NULL, NULL, NULL, NULL, NULL, 'Cancelled.', '2026-11-23T00:00:04.000Z');
DELETE FROM model WHERE id = 3;
INSERT INTO training_point (model_id, step, point)
VALUES (1, 10, '{"step":10,"epoch":1,"loss":3,"nll":2,"topicLoss":1,"validation":{"nll":2,"bleu4":0.1,"cider":0.2,"topicMap":null}}');
INSERT INTO evaluation (model_id, split, evaluation)
VALUES (1, 'test', '{"split":"test","captions":1,"metrics":{"BLEU_1":0.5,"BLEU_2":0.5,"BLEU_3":0.5,"BLEU_4":0.5,"ROUGE_L":0.5,"CIDEr":0.5},"fixedCaption":{"caption":"a hen","metrics":{"BLEU_1":0,"BLEU_2":0,"BLEU_3":0,"BLEU_4":0,"ROUGE_L":0,"CIDEr":0}},"topics":null}');
INSERT INTO generated_caption (model_id, clip_id, beam, caption, log_probability, word_count, cider, words, topics)
VALUES (1, 1, 3, 'a bird', -2, 2, 0.5, '[{"word":"a","logProbability":-1,"attention":[1]},{"word":"bird","logProbability":-1,"attention":[1]}]', '[0.5]');
INSERT INTO neuron_map (model_id, request, shuffled_baseline, mean_delta, seconds, created_at)
VALUES (1, '{"modelId":1,"reference":"zero","videoSet":"bearing","shuffles":5,"seed":1}', 0.1, 0.2, 1, '2026-11-23T00:00:02.000Z');
INSERT INTO neuron (model_id, neuron, part, topic_id, delta, runner_up_id, margin, shuffled, dead, polysemantic) VALUES (1, 0, 'forward', 1, 0.5, 1, 0.1, 0.05, 0, 1);
INSERT INTO correction (state, model_id, parent_id, clip_id, add_topics, drop_topics, strength, before, intervened, after, changed, metrics, created_at)
VALUES ('proposed', 2, 1, 1, '[1]', '[]', 1, 'a hen', 'a bird', 'a bird', '[]',
  '{"before":{"BLEU_1":0,"BLEU_2":0,"BLEU_3":0,"BLEU_4":0,"ROUGE_L":0,"CIDEr":0},"after":{"BLEU_1":0,"BLEU_2":0,"BLEU_3":0,"BLEU_4":0,"ROUGE_L":0,"CIDEr":0}}', '2026-11-23T00:00:03.000Z');
INSERT INTO clip (name, split) VALUES ('b', 'train');
INSERT INTO topic_run (request, documents, tokens, sweeps, seconds, tokens_per_second, created_at)
VALUES ('{"k":2,"iterations":1,"seed":1,"minDocumentFrequency":1,"maxDocumentShare":1,"topicsPerClip":2,"minShare":0.2}', 2, 200, 1, 1, 1, '2026-11-23T00:00:05.000Z');
UPDATE topic SET retired = 1;
INSERT INTO topic (run_id, position, label) VALUES (2, 0, 'fish'), (2, 1, 'dog, bark'), (2, 2, 'gone');
DELETE FROM topic WHERE label = 'gone';
INSERT INTO topic_word (topic_id, position, word, p) VALUES (1, 0, 'bird', 0.8), (2, 0, 'fish', 0.6), (2, 1, 'sea', 0.2), (3, 0, 'dog', 0.5);
INSERT INTO clip_topic (topic_id, clip_id, share, active, source) VALUES
(1, 1, 1, 1, 'lda'), (2, 1, 0.7, 1, 'lda'), (3, 1, 0.3, 1, 'lda'), (2, 2, 0.9, 0, 'curator'), (3, 2, 0.1, 1, 'curator');
INSERT INTO edit (at, who, label, forward, inverse, undone) VALUES
('2026-11-23T00:00:06.000Z', 'ann', 'rename topic "fish" to "fishes"', '{"kind":"topic.label","topicId":2,"label":"fishes"}', '{"kind":"topic.label","topicId":2,"label":"sea, fish"}', 0),
('2026-11-23T00:00:07.000Z', 'ann', 'rename topic "fishes" to "fish"', '{"kind":"topic.label","topicId":2,"label":"fish"}', '{"kind":"topic.label","topicId":2,"label":"fishes"}', 0),
('2026-11-23T00:00:08.000Z', 'ann', 'b shows no fish', '{"kind":"clip.topic","clipId":2,"topicId":2,"entry":{"share":0.9,"active":false,"source":"curator"}}',
  '{"kind":"clip.topic","clipId":2,"topicId":2,"entry":{"share":0.9,"active":true,"source":"lda"}}', 0),
('2026-11-23T00:00:09.000Z', 'ann', 'rename topic "dog, bark" to "dogs"', '{"kind":"topic.label","topicId":3,"label":"dogs"}', '{"kind":"topic.label","topicId":3,"label":"dog, bark"}', 1);
