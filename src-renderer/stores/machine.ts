import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { Device, DoctorReport, Failure } from '#contract'
import { client, failureOf } from '../client.ts'
import { duration } from '../composables/format.ts'
import { t } from '../language/index.ts'

/**
 * What this machine offers, once asked: trying the devices takes some seconds of its whole power, so it is
 * never done unasked.
 */
export const useMachine = defineStore('machine', () => {
  const report = shallowRef<DoctorReport | null>(null)
  const failure = shallowRef<Failure | null>(null)
  const asking = ref(false)
  const devices = computed(() => report.value?.devices ?? [])

  return {
    report,
    failure,
    asking,
    devices,
    async ask(): Promise<void> {
      if (asking.value) {
        return
      }
      asking.value = true
      try {
        report.value = await client.app.doctor()
        failure.value = null
      } catch (error) {
        failure.value = failureOf(error)
      } finally {
        asking.value = false
      }
    },
    /** What is known of a device, in words; null before the machine was asked. */
    verdictOn(device: Device): { ok: boolean; text: string } | null {
      const found = devices.value.find(
        ({ name }) => name === (device === 'auto' ? report.value?.auto : device),
      )
      if (found === undefined) {
        return report.value === null ? null : { ok: false, text: t('common.notHere') }
      }
      return found.ok
        ? {
            ok: true,
            text:
              found.stepMs === null
                ? t('common.works')
                : t('machine.works', { stepTime: stepTime(found.stepMs) }),
          }
        : { ok: false, text: t('machine.notHere', { reason: found.reason ?? t('machine.unknown') }) }
    },
  }
})

/** The time of one training step, in milliseconds: "3.1 ms a step", "1.2 s a step". */
export const stepTime = (ms: number): string =>
  t('machine.aStep', {
    ms: ms < 1000 ? t('machine.ms', { ms: ms.toFixed(ms < 10 ? 1 : 0) }) : duration(ms / 1000),
  })
