import { expect, it } from 'vitest'
import { presetSettings, settingsOfKind } from '../../src-main/common/presets.ts'

it('a baseline is signed whatever the preset says, unless somebody asks for non-negative neurons', () => {
  const settings = presetSettings('fast')
  expect(settings.neurons).toBe('non-negative')
  const plain = { ...settings, lambda: 0, topicHead: 'joint' as const }
  expect(settingsOfKind('baseline', settings, {})).toEqual({ ...plain, neurons: 'signed' })
  expect(settingsOfKind('baseline', settings, { neurons: 'non-negative' })).toEqual(plain)
  expect(settingsOfKind('interpretive', settings, {})).toEqual(settings)
})
