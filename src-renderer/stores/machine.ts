import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { Device, DoctorReport, Failure } from '#contract'
import { client, failureOf } from '../client.ts'
import { duration } from '../composables/format.ts'

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
        return report.value === null ? null : { ok: false, text: 'not here' }
      }
      return found.ok
        ? { ok: true, text: found.stepMs === null ? 'works' : `works, ${stepTime(found.stepMs)}` }
        : { ok: false, text: `not here: ${found.reason ?? 'unknown'}` }
    },
  }
})

/** The time of one training step, in milliseconds: "3.1 ms a step", "1.2 s a step". */
export const stepTime = (ms: number): string =>
  `${ms < 1000 ? `${ms.toFixed(ms < 10 ? 1 : 0)} ms` : duration(ms / 1000)} a step`
