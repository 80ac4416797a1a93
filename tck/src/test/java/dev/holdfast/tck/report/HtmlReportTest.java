package dev.holdfast.tck.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.tck.Outcome;
import dev.holdfast.tck.Report;
import dev.holdfast.tck.Rule;
import dev.holdfast.tck.RuleResult;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a person sees, in a real browser. The pictures that it takes are left in {@code target/report-pictures}. */
class HtmlReportTest {
    private static final String OVERLAP = "document.querySelector('#ha-01 .timeline')";

    @TempDir
    static Path directory;

    private static Chromium browser;
    private static Path failing;

    @BeforeAll
    static void start() throws Exception {
        failing = page("failing", Samples.failing());
        browser = Chromium.start();
    }

    @AfterAll
    static void stop() throws Exception {
        if (browser != null) {
            browser.close();
        }
    }

    private static Path page(String name, Report report) {
        String unused = ReportFiles.in(directory.resolve(name)).write(report);
        return directory.resolve(name).resolve("report.html");
    }

    private static JsonNode run(String expression) {
        return browser.run(expression);
    }

    private static String text(String selector) {
        return run("document.querySelector(`" + selector + "`).innerText").asText();
    }

    private static int count(String selector) {
        return run("document.querySelectorAll(`" + selector + "`).length").asInt();
    }

    @ParameterizedTest
    @CsvSource({"1280,light", "1280,dark", "390,light", "390,dark", "360,light"})
    void readsWellAtThisWidthAndInThisScheme(int width, String scheme) throws Exception {
        browser.open(failing, width, 844, scheme.equals("dark"));
        Path pictures = Files.createDirectories(Path.of("target", "report-pictures"));
        browser.picture(pictures.resolve(width + "-" + scheme + ".png"));

        assertThat(browser.troubles())
                .as("what the page asked for, refused or failed at")
                .isEmpty();
        assertThat(run("document.documentElement.scrollWidth").asInt())
                .as("width of the page in a window of %d", width)
                .isEqualTo(width);
        assertThat(run(Contrast.TOO_LOW).toString())
                .as("texts below the contrast of WCAG AA")
                .isEqualTo("[]");
        assertThat(count(".timeline .scroll > svg"))
                .as("pictures in what is open")
                .isEqualTo(3);

        run("document.querySelectorAll('details').forEach(each => each.open = true)");
        browser.settle();
        assertThat(run("document.documentElement.scrollWidth").asInt())
                .as("width of the page with everything opened, in a window of %d", width)
                .isEqualTo(width);
        assertThat(run(Contrast.TOO_LOW).toString())
                .as("texts below the contrast of WCAG AA")
                .isEqualTo("[]");
    }

    @Test
    void theSchemesDiffer() throws Exception {
        String background = "getComputedStyle(document.body).backgroundColor";
        browser.open(failing, 1280, 844, false);
        String light = run(background).asText();
        browser.open(failing, 1280, 844, true);
        assertThat(run(background).asText()).isNotEqualTo(light);
    }

    @Test
    void everyRuleIsThereWithItsOutcomeInWords() throws Exception {
        browser.open(failing, 1280, 844, false);
        for (RuleResult result : Samples.failing().results()) {
            String line = text("#" + RuleHtml.anchor(result.rule().id()) + " summary");
            assertThat(line)
                    .contains(result.rule().id())
                    .contains(result.rule().title())
                    .contains(result.rule().level().name())
                    .contains(result.outcome().name());
        }
        assertThat(text(".verdict")).isEqualTo("Does not conform: 2 of 54 checked rules failed.");
        assertThat(text(".tiles").replaceAll("\\s+", " ")).isEqualTo("52 PASS 2 FAIL 1 ABSENT 2 UNVERIFIED");
        assertThat(text("#kv-08 summary")).contains("TRANSACTIONS is not declared");
        assertThat(text(".matrix").replaceAll("\\s+", " ")).contains("TRANSACTIONS not declared KV-08");
        assertThat(text(".summary tfoot").replaceAll("\\s+", " ")).startsWith("all 52 2 1 2");
    }

    @Test
    void failuresComeFirstAndInFull() throws Exception {
        browser.open(failing, 1280, 844, false);
        assertThat(run("document.querySelector('main > section').id").asText()).isEqualTo("failures");
        assertThat(count("#failures .rule > details[open]")).isEqualTo(2);
        assertThat(text("#ha-01"))
                .contains("Of all leases of one lock at most one MUST be held")
                .contains("two contenders held lock 'core/lock' at once, for 134.700 ms at least")
                .contains("./holdfast tck sample --rules HA-01 --seed -9223372036854775808")
                .contains("check-then-put acquire");
        assertThat(count("#area-ha a[href='#ha-01']")).as("links from its area").isOne();
    }

    @Test
    void whatAStoreSaidIsShownAndNotObeyed() throws Exception {
        browser.open(failing, 1280, 844, false);
        assertThat(run("document.title").asText()).isEqualTo("sample: Holdfast conformance report");
        assertThat(text("#lo-02 .observed"))
                .contains("</script><script>document.title='broken'</script>{{json}} ]]> $1");
    }

    @Test
    void aTimelineHasALanePerContenderAndTheOverlapInRed() throws Exception {
        browser.open(failing, 1280, 844, false);
        assertThat(run("[..." + OVERLAP + ".querySelectorAll('.names > div')].map(each => each.textContent).join()")
                        .asText())
                .isEqualTo("overlap,fault of node-1,fault of store,node-1,node-2,node-3,witness");
        assertThat(count("#ha-01 .timeline .scroll .held"))
                .as("held intervals drawn with the failure")
                .isEqualTo(5);
        assertThat(count("#ha-01 .timeline .scroll .failed-ask")).isEqualTo(2);
        assertThat(count("#ha-01 .timeline .scroll .lost")).isEqualTo(1);
        assertThat(count("#ha-01 .timeline .scroll .faultbar")).isEqualTo(2);
        assertThat(run(OVERLAP + ".querySelector('.wrong-text').textContent").asText())
                .isEqualTo("overlap 135 ms");
        // The two red pieces are where both bars are, one below the other.
        JsonNode red = run("[..." + OVERLAP + ".querySelectorAll('.scroll .overlap-hit')].slice(1)"
                + ".map(each => each.getBoundingClientRect()).map(box => [box.left, box.right, box.top])");
        assertThat(red).hasSize(2);
        assertThat(red.get(0).get(0)).isEqualTo(red.get(1).get(0));
        assertThat(red.get(0).get(2).asDouble()).isLessThan(red.get(1).get(2).asDouble());
        JsonNode bars =
                run("[..." + OVERLAP + ".querySelectorAll('.scroll .held')].map(each => each.getBoundingClientRect())"
                        + ".map(box => [box.left, box.right, box.top])");
        assertThat(red.get(0).get(0).asDouble())
                .as("where node-3's lease begins")
                .isEqualTo(bars.get(4).get(0).asDouble(), within(1.0));
        assertThat(red.get(0).get(1).asDouble())
                .as("where node-1 was last seen to hold")
                .isEqualTo(bars.get(1).get(1).asDouble(), within(1.0));
        assertThat(run(OVERLAP + ".querySelector('.held title').textContent").asText())
                .contains("node-1: lock core/lock, token 41")
                .contains("acquired by 3.200 ms");
    }

    @Test
    void aTimelineCanBeEnlargedAndReadAsNumbers() throws Exception {
        browser.open(failing, 390, 844, false);
        String width = OVERLAP + ".querySelector('.scroll > svg').getBoundingClientRect().width";
        double before = run(width).asDouble();
        assertThat(before).as("wider than the phone, and scrolled").isGreaterThan(390);
        run(OVERLAP + ".querySelector('button[aria-label=\"zoom in\"]').click()");
        assertThat(run(width).asDouble()).isEqualTo(2 * before);
        run(OVERLAP + ".querySelector('.times').open = true");
        browser.settle();
        assertThat(run(OVERLAP + ".querySelector('.times tbody').rows[2].innerText")
                        .asText()
                        .split("\\s+"))
                .containsExactly("node-1", "core/lock", "43", "185.000", "411.200", "1,655.400", "1,656.000", "–", "–");
    }

    @Test
    void aLongHistoryHasAnOverviewAndItsTellingParts() throws Exception {
        browser.open(failing, 1280, 844, false);
        run("document.querySelector('#ha-01 .checks details').open = true");
        browser.settle();
        assertThat(text("#ha-01 .checks figcaption")).isEqualTo("8 lanes · 2000 leases · 2 faults");
        assertThat(count("#ha-01 .checks .density")).isEqualTo(120);
        assertThat(text("#ha-01 .checks"))
                .contains("around the loss of token 667")
                .contains("Outside these pictures:");
    }

    @Test
    void aLinkToARuleOpensIt() throws Exception {
        browser.open(failing, 1280, 844, false);
        assertThat(count("#ha-08 > details[open]")).isZero();
        run("location.hash = '#ha-08'; new Promise(done => setTimeout(done, 50))");
        browser.settle();
        assertThat(count("#ha-08 > details[open]")).isOne();
        assertThat(count("#ha-08 .scroll > svg"))
                .as("pictures drawn once there is a width")
                .isOne();
    }

    @Test
    void theReaderChoosesWhichRulesToSee() throws Exception {
        browser.open(failing, 1280, 844, false);
        run("[...document.querySelectorAll('.filter button')].find(each => each.innerText === 'UNVERIFIED').click()");
        assertThat(
                        run("[...document.querySelectorAll('.area .rule')].filter(each => each.offsetHeight).map(each => each.id)"
                                        + ".join()")
                                .asText())
                .isEqualTo("lo-04,lo-05");
        run("document.querySelector('.filter button').click()");
        assertThat(run("[...document.querySelectorAll('.area .rule')].filter(each => each.offsetHeight).length")
                        .asInt())
                .isEqualTo(Rule.values().length);
    }

    @Test
    void withoutItsScriptItLacksOnlyThePictures() {
        String html = HtmlReport.text(JsonReport.of(Samples.failing()));
        String plain = html.substring(0, html.indexOf("<script"));
        for (Rule rule : Rule.values()) {
            assertThat(plain).contains(rule.id(), Html.text(rule.title()), Html.prose(rule.requirement()));
        }
        assertThat(plain).contains("two contenders held lock").contains("its numbers are in report.json");
    }

    @Test
    void aRunWithoutFailuresSaysSo() throws Exception {
        browser.open(page("passing", Samples.passing()), 1280, 844, false);
        assertThat(browser.troubles()).isEmpty();
        assertThat(text(".verdict")).isEqualTo("Conforms: every rule that applies was checked and kept.");
        assertThat(count("#failures")).isZero();
        assertThat(count(".rule .badge.pass"))
                .isGreaterThanOrEqualTo((int) Samples.passing().count(Outcome.PASS));
    }
}
