package dev.holdfast.backend.s3;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.driver.Checks;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What is written where, and how. */
class S3KeysTest {
    @Test
    void aListingStartsAtAfterOrBeforeItButNeverBeyondTheKeysOfS3() {
        String after = "\uD83D\uDE00".repeat(400);
        String start = S3Keys.start("base/", after);
        assertThat("base/" + after).startsWith(start);
        assertThat(Checks.utf8Length(start)).isBetween(1020, 1024);
        assertThat(S3Keys.start("base/", "short")).isEqualTo("base/short");
    }

    @Test
    void aRecordIsReadAsItWasWritten() {
        S3Record record = new S3Record(
                true,
                7,
                99,
                Duration.ofSeconds(3),
                "00000000-0000-0000-0000-000000000001",
                4,
                "me\nvalue=\u00e4\u0000");
        assertThat(S3Record.of(record.toBytes())).contains(record);
        assertThat(S3Record.of(new byte[] {1, 2})).isEmpty();
        assertThat(S3Record.of(new byte[0])).isEmpty();
    }

    @Test
    void whoWinsGetsTheNextTokenOrFetchesMore() {
        S3Record last = new S3Record(false, 7, 8, Duration.ofSeconds(3), "a", 4, "");
        S3Record next = last.won(Duration.ofSeconds(5), "b", 1, "me");
        assertThat(next.epoch()).isEqualTo(8);
        assertThat(next.won(Duration.ofSeconds(5), "c", 1, "me").epoch()).isZero();
        assertThat(S3Record.NONE.won(Duration.ofSeconds(5), "b", 1, "me").epoch())
                .isZero();
    }
}
