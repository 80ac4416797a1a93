package dev.holdfast.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A bound for the processor time of a process, by a control group of Linux, old or new; needs root. The process goes back to
 * where it was when this is closed.
 */
final class CpuLimit implements AutoCloseable {
    private static final Path OLD = Path.of("/sys/fs/cgroup/cpu");
    private static final Path NEW = Path.of("/sys/fs/cgroup");

    /** Short, so that a bound shows as slowness and not as stalls. */
    private static final int PERIOD_MICROS = 20_000;

    private final Path group;
    private final long pid;

    private CpuLimit(Path group, long pid) {
        this.group = group;
        this.pid = pid;
    }

    /** @param processors how much of them it may use, such as 0.25 */
    static CpuLimit of(long pid, double processors) {
        boolean old = Files.isDirectory(OLD);
        Path group = (old ? OLD : NEW).resolve("holdfast-" + pid);
        long quota = Math.round(processors * PERIOD_MICROS);
        try {
            if (!old) {
                write(NEW.resolve("cgroup.subtree_control"), "+cpu");
            }
            Files.createDirectories(group); // perhaps there already, from a run that was killed
            if (old) {
                write(group.resolve("cpu.cfs_period_us"), String.valueOf(PERIOD_MICROS));
                write(group.resolve("cpu.cfs_quota_us"), String.valueOf(quota));
            } else {
                write(group.resolve("cpu.max"), quota + " " + PERIOD_MICROS);
            }
            write(group.resolve("cgroup.procs"), String.valueOf(pid));
            return new CpuLimit(group, pid);
        } catch (IOException e) {
            throw new UncheckedIOException("processor time can be bounded as root on Linux only", e);
        }
    }

    private static void write(Path file, String text) throws IOException {
        Files.writeString(file, text);
    }

    @Override
    public void close() {
        try {
            write(group.resolveSibling("cgroup.procs"), String.valueOf(pid));
            Files.delete(group);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
