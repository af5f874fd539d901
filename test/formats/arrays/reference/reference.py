"""Writes the files of this folder with the programs that define their formats: NumPy, h5py, safetensors.

    python3 -m venv venv && venv/bin/pip install numpy h5py safetensors && venv/bin/python reference.py
"""

import os

import h5py
import numpy as np
from safetensors.numpy import save_file

os.chdir(os.path.dirname(os.path.abspath(__file__)))
features = np.arange(24).reshape(2, 3, 4) / 8

with h5py.File('arrays.h5', 'w', libver='latest') as file:
    file['video0'] = features[0].astype('<f4')
    file['video1'] = features[1].astype('>f4')
    file['half'] = features[0].astype('f2')
    file['double'] = features[0]
    file['stack'] = features.astype('f4')
    file.create_dataset('group/packed', data=features[1].astype('f4'), chunks=(1, 4), compression='gzip')
    file['times'] = np.array([0, 1, 2.5])
    file['lengths'] = np.array([3, 2])
    file['names'] = ['video0', 'vidéo1']
    file['fixed'] = np.array([b'a1', b'b'], dtype='S4')
    file['scalar'] = 3.5
    file['nothing'] = h5py.Empty('f4')
    file['elsewhere'] = h5py.ExternalLink('other.h5', '/x')
    file['again'] = h5py.SoftLink('/')
    file['broken'] = h5py.SoftLink('/nowhere')

arrays = {
    'video0': features[0].astype('<f4'),
    'video1': features[1].astype('>f4'),
    'half': features[0].astype('f2'),
    'double': np.asfortranarray(features[0]),
    'stack': features.astype('f4'),
    'group/packed': features[1].astype('f4'),
    'times': np.array([0, 1, 2.5]),
    'lengths': np.array([3, 2]),
    'names': np.array(['video0', 'vidéo1']),
    'fixed': np.array([b'a1', b'b'], dtype='S4'),
    'scalar': np.array(3.5),
}
np.savez('stored.npz', **arrays)
np.savez_compressed('packed.npz', **arrays)

save_file(
    {name: array for name, array in arrays.items() if array.dtype.kind in 'fi' and array.dtype.byteorder != '>' and name != 'double'}
    | {'video1': features[1].astype('f4'), 'double': features[0]},
    'arrays.safetensors',
)
