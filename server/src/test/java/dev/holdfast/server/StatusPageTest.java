package dev.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.server.Client.Reply;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What an operator sees, in a real browser. The pictures that it takes are left in {@code target/ui-pictures}. */
class StatusPageTest {
    private static Browser browser;

    @RegisterExtension
    final Servers servers = new Servers();

    @BeforeAll
    static void start() throws Exception {
        browser = new Browser();
    }

    @AfterAll
    static void stop() throws Exception {
        if (browser != null) {
            browser.close();
        }
    }

    private static void awaitVerdict(String part) {
        Servers.await(
                "the page says '" + part + "': " + browser.text("#verdict"),
                () -> browser.text("#verdict").contains(part));
    }

    @Test
    void aFailoverAppearsWithoutReloadingAndThePageReadsWellInEveryWindow() throws Exception {
        Servers.One first = servers.startFirst();
        Servers.One second = servers.startStandby();
        browser.look(1280, false);
        browser.open(second.address() + "/ui/");
        awaitVerdict("127.0.0.1:" + first.port + " is active since");
        Servers.await("both nodes are seen", () -> browser.count("#nodes tr") == 2);
        browser.run("window.loadedOnce = true");

        assertThat(first.put("sys/step-down", "").status()).isEqualTo(204);

        awaitVerdict("127.0.0.1:" + second.port + " is active since");
        assertThat(browser.run("window.loadedOnce").asBoolean())
                .as("the same page, not loaded again")
                .isTrue();
        Servers.await("both terms are drawn", () -> browser.count("#timeline rect.held") == 2);
        assertThat(browser.text("#journal")).contains("won the lock", "is active");
        Servers.await("the first stands by now", () -> browser.count("#nodes tr") == 2);

        for (int width : new int[] {1280, 390}) {
            for (boolean dark : new boolean[] {false, true}) {
                browser.look(width, dark);
                String name = width + (dark ? "-dark" : "-light");
                browser.picture(Path.of("target", "ui-pictures", name + ".png"));
                assertThat(browser.run("document.documentElement.scrollWidth").asInt())
                        .as("width of the page in a window of %d", width)
                        .isEqualTo(width);
            }
        }
        assertThat(browser.troubles(second.address())).isEmpty();
    }

    @Test
    void everythingCanBeReachedByTheKeyboard() {
        Servers.One only = servers.startFirst();
        browser.look(1280, false);
        browser.open(only.address() + "/ui/");
        awaitVerdict("is active");

        browser.press("Tab", 9);
        assertThat(browser.run("document.activeElement.innerText").asText()).isEqualTo("5 min");
        browser.press("Tab", 9);
        browser.press("Enter", 13);
        assertThat(browser.run("document.activeElement.getAttribute('aria-pressed')")
                        .asText())
                .isEqualTo("true");
        assertThat(browser.text("[aria-pressed=true]")).isEqualTo("1 h");
        browser.press("Tab", 9);
        browser.press("Tab", 9);
        browser.press("Enter", 13);
        assertThat(browser.run("document.querySelector('details').open").asBoolean())
                .isTrue();
    }

    @Test
    void aSealedNodeSaysSoAndThatASilentServerIsSilent() throws Exception {
        Servers.One first = servers.startFirst();
        Servers.One sealed = servers.start();
        browser.look(390, false);
        browser.open(sealed.address() + "/ui/");
        awaitVerdict("sealed: 0 of 2 shares");
        browser.picture(Path.of("target", "ui-pictures", "390-sealed.png"));
        sealed.unseal();
        awaitVerdict("127.0.0.1:" + first.port + " is active since");
        first.send("PUT", "/v1/sys/seal", "");
        awaitVerdict("127.0.0.1:" + sealed.port + " is active since");

        sealed.close();

        awaitVerdict("does not answer");
    }

    @Test
    void thePageHasNoSecretsTakesNoCommandsAndAllowsNothingFromElsewhere() {
        Servers.One first = servers.startFirst();
        Reply page = new Client(first.address(), "").send("GET", "/ui/", "");

        assertThat(page.status()).isEqualTo(200);
        assertThat(page.header("content-security-policy"))
                .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'")
                .doesNotContain("unsafe");
        assertThat(page.header("x-content-type-options")).isEqualTo("nosniff");
        assertThat(page.text()).doesNotContain("<style", "style=", "onclick", "http:", "https:");
        assertThat(first.send("POST", "/ui/", "{}").status()).isEqualTo(405);
        assertThat(first.send("GET", "/ui/../v1/sys/health", "").status()).isEqualTo(404);
        Reply root = first.send("GET", "/", "");
        assertThat(root.status()).isEqualTo(307);
        assertThat(root.header("location")).isEqualTo("/ui/");

        browser.open(first.address() + "/ui/");
        awaitVerdict("is active");
        String sent = browser.run(
                        "new Promise(done => new EventSource('events').addEventListener('status', e => done(e.data)))")
                .asText();
        assertThat(sent)
                .contains("\"leader\"")
                .doesNotContain(servers.token, "BEGIN", "private", "certificate", "hvs.");
    }

    @Test
    void itCanBeTurnedOff() {
        servers.with("ui = false");
        assertThat(servers.startFirst().send("GET", "/ui/", "").status()).isEqualTo(404);
    }
}
