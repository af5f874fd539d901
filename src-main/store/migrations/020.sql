-- What a model says of each clip, and how it scores, without the rest of the row, which is long: conditions on clips read this.
CREATE INDEX generated_caption_said ON generated_caption (model_id, clip_id, caption, cider);
