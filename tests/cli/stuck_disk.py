"""A file system whose disk does not answer: who looks into it waits, and dies of no signal.

It is a FUSE mount whose server takes the first question and says nothing. What waits for that
and is killed waits on in the kernel (state D) until the server is gone, as with a broken disk.
"""

import ctypes
import errno
import os
import select
import struct
import threading

LIBC = ctypes.CDLL(None, use_errno=True)
INIT = 26
DETACH = 2
HEADER = struct.Struct("<IIQQ")  # length, what is asked, its number, the node


class StuckDisk:
    def __init__(self, directory):
        """Raises OSError where this may not be mounted."""
        self.directory = str(directory)
        self.asked = threading.Event()
        self._over = False
        self._channel = os.open("/dev/fuse", os.O_RDWR | os.O_NONBLOCK)
        options = f"fd={self._channel},rootmode=40000,user_id={os.getuid()},group_id={os.getgid()}"
        if LIBC.mount(b"stuck", self.directory.encode(), b"fuse", 0, options.encode()) != 0:
            os.close(self._channel)
            raise OSError(ctypes.get_errno(), "can't mount")
        self._server = threading.Thread(target=self._serve, daemon=True)
        self._server.start()

    def _serve(self):
        while not self._over:
            if not select.select([self._channel], [], [], 0.05)[0]:
                continue
            try:
                question = os.read(self._channel, 1 << 20)
            except OSError as error:
                if error.errno in (errno.EAGAIN, errno.EINTR, errno.ENOENT):
                    continue
                return
            _, what, number, _ = HEADER.unpack_from(question)
            if what == INIT:
                os.write(self._channel, self._begin(question, number))
            else:
                self.asked.set()

    @staticmethod
    def _begin(question, number):
        minor = min(struct.unpack_from("<II", question, 40)[1], 31)
        body = struct.pack("<IIIIHHIIHHI28x", 7, minor, 0, 0, 0, 0, 4096, 1, 0, 0, 0)
        return struct.pack("<IiQ", 16 + len(body), 0, number) + body

    def mend(self):
        """Whoever waits gets an error, and can die."""
        if self._over:
            return
        self._over = True
        self._server.join()
        LIBC.umount2(self.directory.encode(), DETACH)
        os.close(self._channel)
