/** The window's two languages: whoever changes the language is heard at once, and every sentence comes out whole. */
import { afterEach, describe, expect, it } from 'vitest'
import { computed } from 'vue'
import { count, duration, plural, time } from '../../src-renderer/composables/format.ts'
import { en } from '../../src-renderer/language/en/index.ts'
import { tell } from '../../src-renderer/language/failures.ts'
import { chosenLanguage, t, worded } from '../../src-renderer/language/index.ts'
import type { MessageKey } from '../../src-renderer/language/index.ts'
import { phrase } from '../../src-renderer/language/phrases.ts'

afterEach(() => {
  chosenLanguage.value = 'en'
})

describe('a change of language', () => {
  it('is heard by what is shown already', () => {
    const shown = computed(() => `${t('common.undo')} ${worded('frame.allSteps')} ${plural(1200, 'clip')}`)
    expect(shown.value).toBe('Undo All steps 1,200 clips')
    chosenLanguage.value = 'zh'
    expect(shown.value).toBe('撤销 所有步骤 1,200 个片段')
    chosenLanguage.value = 'en'
    expect(shown.value).toBe('Undo All steps 1,200 clips')
  })

  it('is one of numbers, durations and dates, too', () => {
    expect([plural(1, 'clip'), plural(0, 'clip'), duration(200)]).toEqual(['1 clip', '0 clips', '3 min 20 s'])
    const english = time('2020-03-05T12:00:00')
    chosenLanguage.value = 'zh'
    expect([plural(1, 'clip'), count(1234567), duration(200)]).toEqual([
      '1 个片段',
      '1,234,567',
      '3 分 20 秒',
    ])
    expect(english).toContain('Mar')
    expect(time('2020-03-05T12:00:00')).toContain('2020年3月5日')
  })

  it('says a nought as it is, whatever the value is called', () => {
    expect(t('actions.neuronNumber', { n: 0 })).toBe('neuron 0')
  })

  it('marks every letter of the pseudo-language, and no value', () => {
    chosenLanguage.value = 'pseudo'
    expect(t('common.undo')).toBe('⟦Úńdó⟧'.replace('ń', 'ñ'))
    expect(t('corpus.rename', { tag: 'red' })).toBe('⟦Réñámé red⟧')
    expect(plural(2, 'clip')).toBe('⟦2 çlípš⟧')
  })

  it('leaves no value out of any sentence, whatever stands in it', () => {
    const say = t as (key: MessageKey, values: Record<string, string>, amount: number) => string
    const wrong: string[] = []
    for (const tongue of ['en', 'zh', 'pseudo'] as const) {
      chosenLanguage.value = tongue
      for (const [room, texts] of Object.entries(en)) {
        for (const [name, text] of Object.entries<string>(texts)) {
          const key = `${room}.${name}` as MessageKey
          const values = [...text.matchAll(/\{(\w+)\}/g)].map(([, value], i) => [value, `<${i}>`])
          const sentence = say(key, Object.fromEntries(values) as Record<string, string>, 2)
          const isWhole =
            sentence !== key &&
            sentence.trim() !== '' &&
            new Set(sentence.match(/<\d+>/g)).size === new Set(values.map(([value]) => value)).size
          if (!isWhole) {
            wrong.push(`${tongue} ${key}: ${sentence}`)
          }
        }
      }
    }
    expect(wrong).toEqual([])
  })
})

describe('failures', () => {
  it('are said by their key, in English where no sentence is known', () => {
    const failure = {
      code: 'CONFLICT' as const,
      key: 'jobs.notPausable',
      values: { job: 'Training' },
      message: '"Training" can\'t be paused now.',
      remedy: 'Wait, or cancel it.',
    }
    expect(tell(failure).message).toBe(failure.message)
    chosenLanguage.value = 'zh'
    expect(tell(failure)).toEqual({ message: '“Training”现在无法暂停。', remedy: '请等待，或取消它。' })
    expect(tell({ ...failure, key: 'jobs.neverHeardOf' })).toEqual({
      message: failure.message,
      remedy: failure.remedy,
    })
  })

  it('say words of main that stand in them, too, and leave data as it is', () => {
    chosenLanguage.value = 'zh'
    const failure = {
      code: 'BAD_INPUT' as const,
      key: 'corpus.inTwoSplits',
      values: { file: 'test', line: 1200, clip: 'train', split: 'train', earlier: 'val' },
      message: '',
      remedy: null,
    }
    expect(tell(failure).message).toBe('test 第 1,200 行：train 在此属于训练集，在前面属于验证集。')
  })
})

describe('phrases', () => {
  it('are said with their values, which may be phrases themselves', () => {
    const phase = 'step 4 of 5, training: model 2 of 3: 30 epochs of 12 steps, about 3 minutes'
    expect(phrase('phase', phase)).toBe(phase)
    chosenLanguage.value = 'zh'
    expect(phrase('phase', phase)).toBe(
      '第 4 步，共 5 步，训练：第 2 个模型，共 3 个：30 轮，每轮 12 步，约 3 分钟',
    )
    expect(phrase('job', 'Caption the val split with model 7')).toBe('用模型 7 描述验证集')
    expect(phrase('job', 'Learn a correction of a (b).mp4')).toBe('学习 a (b).mp4 的修正')
    expect(phrase('tally', '1 clip new, 1,200 known, 0 removed, 2 lines match no clip')).toBe(
      '新增 1 个片段，1,200 个已有，移除 0，2 行没有对应的片段',
    )
    expect(
      phrase(
        'notice',
        '2 lines of a, b.tsv match no clip: clip7 (line 3), clip9 (lines 4, 5) and 1,200 more.',
      ),
    ).toBe('a, b.tsv 中有 2 行没有对应的片段：clip7 (line 3), clip9 (lines 4, 5) 等，另有 1,200 个。')
    expect(phrase('edit', 'merge 2 topics into "a dog"')).toBe('将2 个主题合并到“a dog”')
    expect(phrase('edit', 'remove clip0001')).toBe('移除 clip0001')
    expect(phrase('edit', 'judge the caption of clip0001 nearly')).toBe('将 clip0001 的描述判定为接近')
    expect(phrase('stepTitle', 'Caption the training and validation clips')).toBe('描述训练片段和验证片段')
    expect(phrase('stepDetail', '11 of training, 3 of validation')).toBe('训练片段 11 个，验证片段 3 个')
  })

  it('are what a job has people hear', () => {
    chosenLanguage.value = 'zh'
    const heard: Record<string, string> = {
      'Of 12 kept corrections 1 is false with model 7.': '12 项已保留的修正中有 1 项在模型 7 中有误。',
      'Of 1 earlier correction 1 could not be kept.': '1 项先前的修正中有 1 项未能保持。',
      'Of 3 clips left out 1 could not be left as it was.': '略去的3 个片段中有 1 个未能保持原样。',
      'Not learnt: after 960 steps the version does not say "a dog", "a cat" by itself.':
        '未学会：960 步之后，该版本仍不会自行说出 "a dog", "a cat"。',
      '2 corrected clips are of the test split: a test score flatters the version from now on.':
        '2 个修正过的片段属于测试集：此后测试分数会高估该版本。',
      "2 videos of clips can't be found, and so not packed: a.mp4, b.mp4 and 3 more.":
        '找不到片段的2 个视频，因此未打包：a.mp4, b.mp4 等，另有 3 个。',
    }
    expect(Object.keys(heard).map((notice) => phrase('notice', notice))).toEqual(Object.values(heard))
  })

  it('that no table knows are said as they came', () => {
    chosenLanguage.value = 'zh'
    expect(phrase('phase', 'something that is new')).toBe('something that is new')
  })
})
