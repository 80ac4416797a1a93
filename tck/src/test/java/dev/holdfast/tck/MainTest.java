package dev.holdfast.tck;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** The command line, as its user sees it. */
class MainTest {
    private record Run(int status, String out, String err) {}

    private static Run run(String... args) {
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
        ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
        System.setOut(new PrintStream(outBytes, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(errBytes, true, StandardCharsets.UTF_8));
        try {
            int status = Main.run(args);
            return new Run(
                    status, outBytes.toString(StandardCharsets.UTF_8), errBytes.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
    }

    @Test
    void aRunThatPassesPrintsALinePerRuleAndATable() {
        Run run = run("fake", "-o", "path=x", "--rules", "KV-01,KV-05,FN-04", "--seed", "5");
        assertThat(run.status()).isZero();
        assertThat(run.out())
                .contains("PASS       KV-01  An absent key reads as empty")
                .contains("ABSENT     FN-04")
                .contains("FENCING is not declared")
                .containsPattern("KV +storage +2 +0 +0 +0")
                .contains("seed     5")
                .contains("all 2 checked rules passed");
        assertThat(run.err()).isEmpty();
    }

    @Test
    void aFailedRuleIsStatusOne() {
        Run run = run("fake", "-o", "fault=empty value reads as absent", "--rules", "KV");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.out()).contains("FAIL       KV-03").contains("observed:").contains("checked rules failed");
    }

    @Test
    void onlyUnverifiedRulesAreStatusOne() {
        assertThat(run("fake", "--rules", "H-03").status()).isEqualTo(1);
    }

    @Test
    void anUnknownTypeListsTheKnownOnes() {
        Run run = run("fakes");
        assertThat(run.status()).isEqualTo(2);
        assertThat(run.err())
                .contains("'fakes'")
                .contains("did you mean 'fake'?")
                .contains("known: fake");
        assertNoTrace(run);
    }

    @Test
    void anUnknownOptionIsNamedWithTheNearest() {
        Run run = run("fake", "-o", "pth=x");
        assertThat(run.status()).isEqualTo(2);
        assertThat(run.err()).contains("unknown option 'pth'").contains("did you mean 'path'?");
        assertNoTrace(run);
    }

    @Test
    void aFilterThatMatchesNothingIsAnError() {
        Run run = run("fake", "--rules", "KV-99");
        assertThat(run.status()).isEqualTo(2);
        assertThat(run.err()).contains("there is no rule 'KV-99'").contains("KV-01");
        assertNoTrace(run);
    }

    @Test
    void anUnreachableStoreIsOneSentence() {
        Run run = run("fake", "-o", "fault=unreachable");
        assertThat(run.status()).isEqualTo(2);
        assertThat(run.err()).contains("connection refused").contains("not applied");
        assertThat(run.err().lines()).hasSize(1);
        assertNoTrace(run);
    }

    @Test
    void severalServersAreRefusedWhereTheKitCannotStartThem() {
        Run given = run("fake", "-o", "path=x", "--servers", "3");
        assertThat(given.status()).isEqualTo(2);
        assertThat(given.err()).contains("--servers").contains("-o");
        assertNoTrace(given);
    }

    @Test
    void aPairNeedsAHarnessForItsSecondStoreAndRulesAboutPairs() {
        Run none = run("fake", "--ha-storage", "fake");
        assertThat(none.status()).isEqualTo(2);
        assertThat(none.err()).contains("no harness for 'fake'").contains("--classpath");
        Run unknown = run("fake", "--ha-storage", "fakes");
        assertThat(unknown.status()).isEqualTo(2);
        assertThat(unknown.err()).contains("'fakes'").contains("did you mean 'fake'?");
        Run other = run("fake", "--ha-storage", "fake", "--rules", "SP,KV-01");
        assertThat(other.status()).isEqualTo(2);
        assertThat(other.err()).contains("SP-01 to SP-05");
    }

    @Test
    void allNeedsAHarnessForEachOfThemBeforeAnyIsStarted() {
        Run none = run("all", "fake", "--rules", "KV-01");
        assertThat(none.status()).isEqualTo(2);
        assertThat(none.err()).contains("no harness for 'fake'").contains("--classpath");
        Run unknown = run("all", "fakes");
        assertThat(unknown.status()).isEqualTo(2);
        assertThat(unknown.err()).contains("'fakes'").contains("did you mean 'fake'?");
        assertNoTrace(none);
        assertNoTrace(unknown);
    }

    private static void assertNoTrace(Run run) {
        assertThat(run.out() + run.err()).doesNotContain("\tat ");
    }
}
