/**
 * English function words that say nothing of a clip, by word class (closed classes, after Huddleston and
 * Pullum, "The Cambridge Grammar of the English Language", 2002, chapters 3, 5 and 7). Words of place,
 * direction, number and negation (above, left, up, behind, two, both, not) are not among them: in captions
 * they are content. `minDocumentFrequency` and `maxDocumentShare` take care of the rest.
 */
export const STOP_WORDS: ReadonlySet<string> = new Set(
  `
  a an the this that these those some any each every either neither such other another
  i me my mine myself we us our ours ourselves you your yours yourself yourselves he him his himself she her hers herself
  it its itself they them their theirs themselves one ones who whom whose which what someone something anyone anything
  am is are was were be been being isn aren wasn weren do does did doing done don doesn didn
  have has had having haven hasn hadn can cannot could couldn will would won wouldn shall should shouldn may might must
  ll ve re s t d m
  and or but nor so yet if because while as than then when where why how whether though although that
  of at by for with to from into in on there here about
  very just also too only own same again ever
  `
    .trim()
    .split(/\s+/),
)
