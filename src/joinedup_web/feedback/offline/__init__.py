"""Asking people face to face where there is no network: one page that is carried along, and the file it gives.

What somebody answers is locked on the device as it is saved, with a key that only this site can open: a device that is
lost, or borrowed, tells nothing of anybody.
"""
