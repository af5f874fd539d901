/** Topics: finding them in captions, and what a curator makes of them. */
import type { SplitBy, TopicsSettings, TopicSweep, TopicSweepSettings } from '#contract'
import type { Handlers } from './call.ts'
import type { TopicDocument } from './clips.ts'

/** In which clips topics are found is main's to say: it hands over their documents. */
type FindingSettings = Omit<TopicsSettings, 'from'>

/** `words`: the likeliest ones with p(word | topic), at most 20; see `TopicModel` for all. */
export interface FittedTopic {
  label: string
  words: { word: string; p: number }[]
  npmi: number | null
}

/** All that is needed to find topics in captions again. Words have numbers: their places in `vocabulary`. */
export interface TopicModel {
  /** Words with how many tokens and how many documents the corpus has of them. A phrase is `red_star`. */
  vocabulary: { word: string; tokens: number; documents: number }[]
  /** Pairs of words that are joined where they meet. */
  phrases: string[]
  /** How captions become words. */
  rule: Pick<TopicsSettings, 'builtInStopWords' | 'stopWords' | 'lemmas'>
  /** Prior of a word in a topic, in tokens. */
  beta: number
  /**
   * By column: the prior of the topic in a document, in tokens, and the tokens of every word that it holds,
   * mean over the samples, the largest first; counts below a half are left out. A fixed topic has the counts
   * that it was given.
   */
  topics: { alpha: number; counts: { word: number; count: number }[] }[]
}

/**
 * A clip's tokens, its share of each topic, [K], and the columns that the binary rule sets. Without tokens
 * the shares are all 0 and no topic is active.
 */
export interface TopicAssignment {
  id: number
  tokens: number
  shares: number[]
  active: number[]
}

export interface TopicMethods {
  /**
   * LDA by collapsed Gibbs sampling, one document a clip (all its captions). Deterministic under the seed.
   * Throws BAD_INPUT when no word is left, there are more topics than clips with tokens, the burn-in leaves
   * no sweep, or topics that are given cannot be so.
   */
  'topics.fit': {
    params: FindingSettings & { documents: TopicDocument[] }
    result: {
      topics: FittedTopic[]
      model: TopicModel
      assignments: TopicAssignment[]
      documents: number
      tokens: number
      sweeps: number
      seconds: number
      tokensPerSecond: number
      /** Mean over the topics; null when none has two words. */
      npmi: number | null
    }
  }
  /**
   * The topics of captions that the model was not fitted to. What a document gets does not depend on the
   * others.
   */
  'topics.infer': {
    params: {
      model: TopicModel
      documents: TopicDocument[]
      iterations: number
      seed: number
      topicsPerClip: number
      minShare: number
    }
    result: { assignments: TopicAssignment[] }
  }
  /**
   * Coherence for several numbers of topics, and the likelihood of documents that were held out (of those with
   * words that topics were found in; none: it is null). Deterministic under the seed. Throws as `topics.fit`.
   */
  'topics.sweep': {
    params: Omit<TopicSweepSettings, 'from'> & { documents: TopicDocument[]; heldOut: TopicDocument[] }
    result: TopicSweep
  }
  /**
   * Divides a topic. `documents`: the clips that have a share of it; `words`: its words with counts (none
   * forbidden). Parts by words or clips come in their order, a proposal's larger part first. `fractions` of the
   * topic's share in each clip sum to 1 and follow the clip's tokens of the topic; parts' counts of a word sum
   * to the topic's. `others` are such clips that say nothing of how words are divided: their fractions follow
   * from the parts. Throws BAD_INPUT when a part would be empty.
   */
  'topics.split': {
    params: {
      documents: TopicDocument[]
      others: TopicDocument[]
      rule: TopicModel['rule']
      phrases: string[]
      words: { word: string; count: number }[]
      how: SplitBy
    }
    result: {
      parts: { label: string; words: { word: string; count: number }[] }[]
      fractions: { id: number; fractions: number[] }[]
    }
  }
  /**
   * A topic from scratch. By words: `shares` is the share of each clip's tokens that are such words; clips
   * without any are left out. By clips: they have the share 1, and the words are those that set their captions
   * apart from the others' (log-likelihood ratio, Dunning 1993), with their counts in these clips. Words and
   * label come from `documents` alone; `others` only get shares. `label` is proposed. Throws BAD_INPUT for
   * words that no caption of `documents` has (naming them), and for clips none of which is among these with
   * captions.
   */
  'topics.create': {
    params: {
      documents: TopicDocument[]
      others: TopicDocument[]
      rule: TopicModel['rule']
      phrases: string[]
      vocabulary: string[]
      from: { by: 'words'; words: string[] } | { by: 'clips'; clipIds: number[] }
    }
    result: {
      label: string
      words: { word: string; count: number }[]
      shares: { id: number; share: number }[]
    }
  }
  /**
   * Words for topics that are given by their clips alone, as imported vectors are: by each topic those that
   * `topics.create` would find from its clips, and its coherence (null for fewer than two words). A topic
   * without a label has one proposed. `vocabulary` and `phrases` are those that finding topics would begin
   * with. Throws BAD_INPUT when no word is left.
   */
  'topics.describe': {
    params: Pick<
      TopicsSettings,
      | 'builtInStopWords'
      | 'stopWords'
      | 'lemmas'
      | 'minDocumentFrequency'
      | 'maxDocumentShare'
      | 'phraseScore'
    > & {
      documents: TopicDocument[]
      topics: { label: string | null; clipIds: number[] }[]
    }
    result: {
      vocabulary: TopicModel['vocabulary']
      phrases: string[]
      tokens: number
      topics: { label: string; npmi: number | null; words: { word: string; count: number }[] }[]
    }
  }
  /**
   * Topics in the plane: see `topicMap` of the contract. `words`: places in a common vocabulary.
   * Deterministic; a mirrored map is turned to one hand.
   */
  'topics.map': {
    params: { topics: { words: number[]; counts: number[] }[] }
    result: { points: { x: number; y: number }[] }
  }
  /** Where words of a topic stand in texts, as the rule reads them: [from, to) in UTF-16 units, by text. */
  'topics.mark': {
    params: { rule: TopicModel['rule']; phrases: string[]; words: string[]; texts: string[] }
    result: { marks: [number, number][][] }
  }
}

export type TopicHandlers = Handlers<TopicMethods>
