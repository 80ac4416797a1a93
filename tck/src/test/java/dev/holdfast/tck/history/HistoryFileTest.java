package dev.holdfast.tck.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.spi.Key;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryFileTest {
    private static final Key LOCK = Key.of("lock");
    private static final long NEVER = Hold.NEVER;

    @TempDir
    Path directory;

    private static Hold hold(String contender, long token, long from, long until, long lost) {
        return new Hold(contender, LOCK, token, from, from, until, until, lost, NEVER, NEVER);
    }

    private static HistoryFile of(Hold... holds) {
        return of(List.of(), holds);
    }

    private static HistoryFile of(List<Removal> removals, Hold... holds) {
        return HistoryFile.of(
                "fake", "a store", "HA-01", "check", 7, List.of(List.of(holds)), List.of(removals), List.of());
    }

    private HistoryFile writtenAndRead(HistoryFile file) throws Exception {
        return HistoryFile.read(Files.writeString(directory.resolve("history.json"), file.text()));
    }

    @Test
    void whatWasRecordedComesBackAndIsJudgedAlike() throws Exception {
        HistoryFile wrong = of(hold("a", 1, 0, 100, NEVER), hold("b", 2, 50, 90, NEVER));
        HistoryFile read = writtenAndRead(wrong);
        assertThat(read).isEqualTo(wrong);
        assertThat(read.verify().clean()).isFalse();
        assertThat(read.verify().violations().get(0))
                .contains("held lock 'lock' at once")
                .contains("a ")
                .contains("b ");
    }

    @Test
    void aRightHistoryIsCleanAndItsMarginsAreCounted() throws Exception {
        HistoryFile.Verdict verdict = writtenAndRead(of(hold("a", 1, 0, 100, 120), hold("b", 2, 200, 300, NEVER)))
                .verify();
        assertThat(verdict.clean()).isTrue();
        assertThat(verdict.locks()).isEqualTo(new LockStatistics(2, 1, List.of(80L), List.of(), List.of(100L)));
    }

    @Test
    void aRemovalExcusesItsHolderForASecond() throws Exception {
        long ms = 1_000_000;
        Hold[] overlap = {hold("a", 1, 0, 900 * ms, 950 * ms), hold("b", 2, 200 * ms, 800 * ms, NEVER)};
        assertThat(of(overlap).verify().clean()).isFalse();
        List<Removal> removed = List.of(new Removal(LOCK, 100 * ms, 150 * ms));
        assertThat(writtenAndRead(of(removed, overlap)).verify().violations()).isEmpty();
        assertThat(of(List.of(new Removal(Key.of("other"), 100 * ms, 150 * ms)), overlap)
                        .verify()
                        .clean())
                .as("another lock was removed")
                .isFalse();
        Hold[] tooLong = {hold("a", 1, 0, 1_151 * ms, 1_160 * ms), hold("b", 2, 200 * ms, 2_000 * ms, NEVER)};
        assertThat(of(removed, tooLong).verify().violations())
                .as("held for more than a second after the removal")
                .anyMatch(text -> text.contains("at once"));
        Hold[] later = {hold("b", 2, 200 * ms, 800 * ms, NEVER), hold("c", 3, 300 * ms, 700 * ms, NEVER)};
        assertThat(of(removed, later).verify().violations())
                .as("two leases that were won after the removal")
                .anyMatch(text -> text.contains("at once"));
    }

    @Test
    void theFirstVersionHadNoRemovals() throws Exception {
        String text = of(hold("a", 1, 0, 100, NEVER))
                .text()
                .replace("\"version\":2", "\"version\":1")
                .replaceFirst("\"removals\":\\[\\[]],", "");
        assertThat(text).doesNotContain("removals");
        Path old = Files.writeString(directory.resolve("old.json"), text);
        assertThat(HistoryFile.read(old).verify().clean()).isTrue();
    }

    @Test
    void callsAreJudgedKeyByKeyAlsoThoseOfUnknownOutcome() {
        var put = new HistoryFile.Call("c", StorageOperation.Kind.PUT, "1", 0, null);
        var seen = new HistoryFile.Call("d", StorageOperation.Kind.GET, "1", 10, 20L);
        var gone = new HistoryFile.Call("d", StorageOperation.Kind.GET, null, 30, 40L);
        assertThat(file(Map.of("k", List.of(put, seen))).verify().clean()).isTrue();
        var before = new HistoryFile.Call("d", StorageOperation.Kind.GET, null, 5, 8L);
        assertThat(file(Map.of("k", List.of(put, before, seen))).verify().clean())
                .as("a put of unknown outcome may take effect long after it began")
                .isTrue();
        assertThat(file(Map.of("k", List.of(put, seen, gone))).verify().violations())
                .singleElement()
                .asString()
                .contains("'k'");
    }

    private static HistoryFile file(Map<String, List<HistoryFile.Call>> calls) {
        HistoryFile empty = of();
        return new HistoryFile(
                empty.schema(),
                empty.version(),
                empty.type(),
                empty.store(),
                empty.rule(),
                empty.check(),
                empty.seed(),
                empty.locks(),
                empty.removals(),
                calls);
    }

    @Test
    void anythingElseIsRefusedByName() throws Exception {
        Path other = Files.writeString(directory.resolve("other.json"), "{\"schema\":\"x\",\"version\":9}");
        assertThatThrownBy(() -> HistoryFile.read(other))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("other.json")
                .hasMessageContaining("version 9");
        Path text = Files.writeString(directory.resolve("text.json"), "hello");
        assertThatThrownBy(() -> HistoryFile.read(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no history");
    }
}
