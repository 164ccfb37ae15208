"""Run silently in every new IPython kernel, so that a block of code behaves as a script would.

IPython is made for people at a keyboard. A calculation is a script block sent by a program, whose
author expects CPython's own manners: the block is named <stdin>, errors print as the interpreter
prints them (without the header line), lines count from the block's first, exit() raises SystemExit,
asyncio.run() works. IPython's magics remain, where they are no valid Python anyway.
"""


def _bootstrap(shell):
    import asyncio
    import atexit
    import codecs
    import faulthandler
    import json
    import os
    import select
    import sys
    import threading
    import time
    import traceback
    import warnings

    import zmq
    from jupyter_client.jsonutil import json_default

    kernel = shell.kernel
    block_name = "<stdin>"
    machinery = ("/IPython/core/", "/ipykernel/")
    max_unpublished = 1 << 20  # characters

    def format_exception(exception_type, exception, frames):
        while frames and any(part in frames.tb_frame.f_code.co_filename for part in machinery):
            frames = frames.tb_next
        printed = traceback.TracebackException(exception_type, exception, frames, compact=True)
        lines = printed.format()
        return "".join(line for line in lines if line != "Traceback (most recent call last):\n")

    def show_exception(exc_tuple=None, *_, **__):
        exception_type, exception, frames = shell._get_exc_info(exc_tuple)
        text = format_exception(exception_type, exception, frames)
        shell._showtraceback(exception_type, exception, text.rstrip("\n").split("\n"))

    def show_syntax_error(*_, **__):
        show_exception()

    def be_plain():
        shell.compile.cache = lambda *_, **__: block_name
        shell.input_transformer_manager.cleanup_transforms = []
        shell.automagic = False
        shell.showtraceback = show_exception
        shell.showsyntaxerror = show_syntax_error
        shell.showindentationerror = show_syntax_error
        for name in ("exit", "quit"):
            shell.user_ns.pop(name, None)
            shell.user_ns_hidden.pop(name, None)
            shell.builtin_trap.auto_builtins.pop(name, None)  # would hide Python's own
        warnings.filterwarnings("ignore", message="To exit: use")

    def lift_output_limit():
        """The publisher's queue holds 1000 messages and drops the rest without a word."""
        thread = kernel.iopub_socket.io_thread
        thread.schedule(lambda: thread.socket.setsockopt(zmq.SNDHWM, 0))

    def wait_for_publisher(stream):
        """Code that prints faster than the publisher takes it would fill the memory with what is
        not published yet, in several copies."""
        write = stream.write
        unpublished = 0

        def write_and_wait(text):
            nonlocal unpublished
            written = write(text)
            unpublished += len(text)
            if unpublished > max_unpublished:
                unpublished = 0
                stream.flush()
            return written

        stream.write = write_and_wait

    def publish_to_file(path):
        """A publisher drops what nobody listens to, and whoever listens may die and be replaced."""

        class OutputLog:
            def __init__(self, socket):
                self.socket = socket
                self.file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)

            def __getattr__(self, name):
                return getattr(self.socket, name)

            def send_multipart(self, frames, *_, **__):
                frames = [bytes(frame) for frame in frames]
                parts = [len(frames).to_bytes(4, "little")]
                for frame in frames:
                    parts += [len(frame).to_bytes(4, "little"), frame]
                self.append(b"".join(parts))

            def append(self, message):
                """In one piece, or not yet: the disk may be full for a while."""
                end = os.fstat(self.file).st_size
                while True:
                    try:
                        if os.write(self.file, message) == len(message):
                            return
                    except OSError:
                        pass
                    os.ftruncate(self.file, end)
                    time.sleep(0.1)

        def begin():
            thread.socket = OutputLog(thread.socket)

        thread = kernel.iopub_socket.io_thread
        thread.schedule(begin)

    def survive_surrogates():
        """Text that UTF-8 cannot carry leaves as CPython prints it on stderr, as \\udcff."""

        def escape(error):
            text = error.object[error.start : error.end].encode("ascii", "backslashreplace")
            return text.decode().replace("\\", "\\\\"), error.end

        def pack(message):
            text = json.dumps(message, default=json_default, ensure_ascii=False, allow_nan=False)
            return text.encode("utf-8", "escape_in_json")

        codecs.register_error("escape_in_json", escape)
        kernel.session.pack = pack

    def end_control_first():
        """The kernel stops its publisher before its control thread, which for ever waits for the
        publisher if it has something to flush. So it has to end before."""
        control = kernel.parent.control_thread
        if control and control.is_alive():
            control.stop()
            control.join(timeout=1)

    def log_elsewhere():
        """What the kernel says about itself goes where its descriptor 2 went so far."""
        log = os.fdopen(os.dup(2), "w", buffering=1)
        for handler in kernel.log.handlers:
            if hasattr(handler, "setStream"):
                handler.setStream(log)
        faulthandler.enable(file=log)

    class DescriptorCapture:
        """Output that does not pass through sys.stdout: of subprocesses and of C libraries."""

        def __init__(self, descriptor, stream):
            self.stream = stream
            self.decoder = codecs.getincrementaldecoder("utf-8")("replace")
            self.lock = threading.Lock()
            self.pipe, write_end = os.pipe()
            os.set_blocking(self.pipe, False)
            os.dup2(write_end, descriptor)
            os.close(write_end)
            threading.Thread(target=self.watch, daemon=True).start()

        def watch(self):
            poll = select.poll()
            poll.register(self.pipe, select.POLLIN)
            while True:
                poll.poll()
                if not self.drain():
                    return

        def drain(self):
            """All that is in the pipe; false when nobody can write to it any more."""
            with self.lock:
                while True:
                    try:
                        data = os.read(self.pipe, 1 << 16)
                    except BlockingIOError:
                        return True
                    if not data:
                        return False
                    self.stream.write(self.decoder.decode(data))

    log_elsewhere()
    lift_output_limit()
    be_plain()
    survive_surrogates()
    wait_for_publisher(sys.stdout)
    wait_for_publisher(sys.stderr)
    if "GLAUX_OUTPUT_LOG" in os.environ:
        publish_to_file(os.environ.pop("GLAUX_OUTPUT_LOG"))
    atexit.register(end_control_first)
    captures = [DescriptorCapture(1, sys.stdout), DescriptorCapture(2, sys.stderr)]
    run_cell = shell.run_cell

    def run_block(*args, **kwargs):
        # The kernel's own loop is running; to the block there is none.
        loop = asyncio._get_running_loop()
        asyncio._set_running_loop(None)
        try:
            return run_cell(*args, **kwargs)
        finally:
            asyncio._set_running_loop(loop)
            for capture in captures:
                capture.drain()

    shell.run_cell = run_block


_bootstrap(get_ipython())  # noqa: F821
del _bootstrap
