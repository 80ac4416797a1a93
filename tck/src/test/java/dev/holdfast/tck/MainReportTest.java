package dev.holdfast.tck;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the command line leaves its report. */
class MainReportTest {
    @TempDir
    Path directory;

    private static String run(int status, String... args) {
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream both = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        System.setOut(both);
        System.setErr(both);
        try {
            assertThat(Main.run(args)).isEqualTo(status);
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aRunLeavesItsReportAndSaysWhere() throws Exception {
        Path report = directory.resolve("new/deep");
        String out = run(
                1, "fake", "-o", "fault=empty value reads as absent", "--rules", "KV", "--report", report.toString());
        assertThat(out).contains("report   " + report.resolve("report.html"));
        assertThat(Files.readString(report.resolve("report.html"))).contains("checked rules failed");
        assertThat(Files.readString(report.resolve("report.json")))
                .contains("\"name\":\"valuesComeBackByteForByte\",\"outcome\":\"FAIL\"");
        assertThat(report.resolve("TEST-holdfast-tck-fake.xml")).content().contains("<failure");
    }

    @Test
    void aHistoryThatCannotBeReadIsRefused() throws Exception {
        assertThat(run(2, "check", directory.resolve("none.json").toString())).contains("cannot read");
        Path other = Files.writeString(directory.resolve("other.json"), "[]");
        assertThat(run(2, "check", other.toString())).contains("other.json").contains("no history");
    }

    @Test
    void aTimeOfSoakThatIsNoneIsRefused() {
        assertThat(run(2, "fake", "--soak", "long")).contains("'long' is no time");
        assertThat(run(2, "fake", "--soak", "1s", "--rules", "KV")).contains("HA, LO and FN");
        assertThat(run(2, "fake", "--margin", "50ms")).contains("give --soak");
    }

    @Test
    void aPlaceThatCannotBeWrittenToIsRefusedBeforeTheRun() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "here already");
        String out = run(2, "fake", "--rules", "KV-01", "--report", file.toString());
        assertThat(out).contains("give one with --report").doesNotContain("testing fake");
        assertThat(out.lines()).hasSize(1);
    }
}
