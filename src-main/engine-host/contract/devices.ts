/** Devices that the engine can compute on. */
import type { Handlers } from './call.ts'

export interface DeviceMethods {
  /**
   * Takes real training steps of a small captioner on a device for about a second. Ask an engine process of
   * its own: a driver may hang or crash. A device that cannot be used is a result with its reason, no error;
   * `stepMs`: milliseconds a step.
   */
  'devices.probe': {
    params: { device: string }
    result: { ok: boolean; reason: string | null; stepMs: number | null }
  }
}

export type DeviceHandlers = Handlers<DeviceMethods>
