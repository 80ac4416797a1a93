package dev.holdfast.backend.s3;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a lock's object says.
 *
 * @param epoch the token of the lease, or of the last one; 0 while the holder is still fetching one
 * @param reserved the highest token that was set aside for this lock
 * @param ttl how long the record must stand unchanged before a rival may replace it
 * @param writer whose write it is; another one for each attempt to acquire
 * @param turn the number of the write among those of its writer, so that no two writes and no two ETags are alike
 * @param value the holder's own words
 */
record S3Record(boolean held, long epoch, long reserved, Duration ttl, String writer, long turn, String value) {
    private static final Pattern FORM = Pattern.compile(
            "holdfast lock 1\nstate=(held|free)\nepoch=(\\d{1,18})\nreserved=(\\d{1,18})\nttl_ms=(\\d{1,12})\n"
                    + "writer=([0-9a-f-]{36})\nturn=(\\d{1,18})\nvalue=(.*)",
            Pattern.DOTALL);

    /** What stands for an object that is not there. */
    static final S3Record NONE = new S3Record(false, 0, 0, Duration.ZERO, "", 0, "");

    /** What a contender writes in place of this one, to win. */
    S3Record won(Duration newTtl, String newWriter, long newTurn, String newValue) {
        boolean more = epoch + 1 <= reserved;
        return new S3Record(true, more ? epoch + 1 : 0, more ? reserved : 0, newTtl, newWriter, newTurn, newValue);
    }

    /** The same lease, with the first of the tokens that were set aside for it. */
    S3Record settled(long first, long last) {
        return new S3Record(held, first, last, ttl, writer, turn + 1, value);
    }

    /** The same lease, once more. */
    S3Record renewed(long newTurn) {
        return new S3Record(held, epoch, reserved, ttl, writer, newTurn, value);
    }

    /** Nobody's; the tokens that were used stay used. */
    S3Record freed(long newTurn) {
        return new S3Record(false, epoch, reserved, ttl, writer, newTurn, "");
    }

    boolean isHeldBy(String contender) {
        return held && writer.equals(contender);
    }

    byte[] toBytes() {
        return ("holdfast lock 1\nstate=" + (held ? "held" : "free") + "\nepoch=" + epoch + "\nreserved=" + reserved
                        + "\nttl_ms=" + ttl.toMillis() + "\nwriter=" + writer + "\nturn=" + turn + "\nvalue=" + value)
                .getBytes(UTF_8);
    }

    /** Empty for what this backend cannot have written. */
    static Optional<S3Record> of(byte[] bytes) {
        Matcher found = FORM.matcher(new String(bytes, UTF_8));
        return found.matches()
                ? Optional.of(new S3Record(
                        found.group(1).equals("held"),
                        Long.parseLong(found.group(2)),
                        Long.parseLong(found.group(3)),
                        Duration.ofMillis(Long.parseLong(found.group(4))),
                        found.group(5),
                        Long.parseLong(found.group(6)),
                        found.group(7)))
                : Optional.empty();
    }
}
