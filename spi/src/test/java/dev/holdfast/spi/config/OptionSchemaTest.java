package dev.holdfast.spi.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OptionSchemaTest {
    private static final Option<String> PATH =
            Option.string("path", "Where").defaultsTo("vault/").asNamespace();
    private static final Option<Integer> RETRIES = Option.integer("retries", "How often")
            .check(value -> value < 0 || value > 10 ? "must be from 0 to 10" : null);
    private static final Option<Duration> TIMEOUT = Option.duration("timeout", "How long");
    private static final Option<Long> SIZE = Option.size("size", "How large");
    private static final Option<Boolean> TLS = Option.bool("tls", "Whether");
    private static final Option<Secret> PASSWORD = Option.secret("password", "The password")
            .check(value -> value.reveal().length() < 8 ? "must be at least 8 characters long" : null)
            .overriddenBy("HOLDFAST_PASSWORD");
    private static final Option<List<Endpoint>> ENDPOINTS = Option.endpoints("endpoints", "Where the servers are")
            .makeRequired()
            .overriddenBy("HOLDFAST_ENDPOINTS", "OLD_ENDPOINTS");

    private static final OptionSchema SCHEMA = OptionSchema.of(PATH, RETRIES, TIMEOUT, SIZE, TLS, PASSWORD, ENDPOINTS);

    private static Config parse(Map<String, String> values, Map<String, String> environment) {
        return SCHEMA.parse("backend 'test'", values, environment::get);
    }

    private static Config parse(String name, String text) {
        return parse(name.equals("endpoints") ? Map.of(name, text) : Map.of("endpoints", "a:1", name, text), Map.of());
    }

    @Test
    void readsEveryKind() {
        Config config = parse(
                Map.of(
                        "path", " kept as it is ",
                        "retries", " 3 ",
                        "timeout", "1m30s",
                        "size", "64KiB",
                        "tls", "True",
                        "password", "correct horse",
                        "endpoints", "http://a:1, , b:2,"),
                Map.of());

        assertThat(config.get(PATH)).isEqualTo(" kept as it is ");
        assertThat(config.get(RETRIES)).isEqualTo(3);
        assertThat(config.get(TIMEOUT)).isEqualTo(Duration.ofSeconds(90));
        assertThat(config.get(SIZE)).isEqualTo(65_536);
        assertThat(config.get(TLS)).isTrue();
        assertThat(config.get(PASSWORD).reveal()).isEqualTo("correct horse");
        assertThat(config.get(ENDPOINTS)).containsExactly(Endpoint.parse("http://a:1"), Endpoint.parse("b:2"));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "5, 5000000000",
        "1.5, 1500000000",
        "1h2m3s, 3723000000000",
        "250ms, 250000000",
        "1.5s, 1500000000",
        "7us, 7000",
        "7µs, 7000",
        "9ns, 9",
        "9223372036854775807ns, 9223372036854775807"
    })
    void readsDurations(String text, long nanos) {
        assertThat(TIMEOUT.parse(text)).isEqualTo(Duration.ofNanos(nanos));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", " ", "s", "-5s", "5 s", "5x", "1s2", "s5", "1,5s", "1e3s", "1..5s", "9223372036854775808ns"})
    void refusesWhatIsNoDuration(String text) {
        assertRefused(() -> parse("timeout", text), "option 'timeout': expected a time such as 500ms, 5s or 1m30s");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "512, 512",
        "512B, 512",
        "1k, 1024",
        "1 KB, 1024",
        "2MiB, 2097152",
        "1gib, 1073741824",
        "8589934591GiB, 9223372035781033984"
    })
    void readsSizes(String text, long bytes) {
        assertThat(SIZE.parse(text)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "1.5k", "k", "1TiB", "1 2"})
    void refusesWhatIsNoSize(String text) {
        assertRefused(() -> parse("size", text), "option 'size': expected a size such as 512, 64KiB or 1MiB");
    }

    @ParameterizedTest
    @ValueSource(strings = {"9223372036854775808", "8589934592GiB"})
    void refusesSizesThatDoNotFit(String text) {
        assertRefused(() -> parse("size", text), "option 'size': the size is larger than 8 EiB");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1.0", "three", "2147483648", "0x10"})
    void refusesWhatIsNoWholeNumber(String text) {
        assertRefused(() -> parse("retries", text), "option 'retries': expected a whole number");
    }

    @ParameterizedTest
    @CsvSource({"true, true", "false, false", "' FALSE ', false"})
    void readsBooleans(String text, boolean value) {
        assertThat(parse("tls", text).get(TLS)).isEqualTo(value);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "yes", "1", "on", "truee"})
    void refusesWhatIsNoBoolean(String text) {
        assertRefused(() -> parse("tls", text), "option 'tls': expected true or false");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",", "a", "a:1,b"})
    void refusesWhatAreNoEndpoints(String text) {
        assertThatThrownBy(() -> parse("endpoints", text))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("option 'endpoints': ")
                .hasMessageContaining("[scheme://]host:port");
    }

    @Test
    void checksBoundsExactly() {
        assertThat(parse("retries", "0").get(RETRIES)).isZero();
        assertThat(parse("retries", "10").get(RETRIES)).isEqualTo(10);
        assertRefused(() -> parse("retries", "11"), "option 'retries': must be from 0 to 10 (got '11')");
        assertRefused(() -> parse("retries", "-1"), "option 'retries': must be from 0 to 10 (got '-1')");
    }

    @Test
    void reportsUnknownMissingAndMalformedOptionsAllAtOnce() {
        assertThatThrownBy(() -> parse(Map.of("retires", "3", "timeout", "soon", "zzz", ""), Map.of()))
                .isInstanceOfSatisfying(
                        ConfigException.class,
                        e -> assertThat(e.problems())
                                .hasSize(4)
                                .anySatisfy(problem -> assertThat(problem)
                                        .startsWith("unknown option 'retires' - did you mean 'retries'?")
                                        .contains("known: path, retries, timeout, size, tls, password, endpoints"))
                                .anySatisfy(problem -> assertThat(problem).startsWith("unknown option 'zzz' (known: "))
                                .anySatisfy(problem -> assertThat(problem)
                                        .isEqualTo("option 'timeout': expected a time such as 500ms, 5s or 1m30s"
                                                + " (got 'soon')"))
                                .anySatisfy(problem -> assertThat(problem)
                                        .isEqualTo("option 'endpoints (or HOLDFAST_ENDPOINTS, OLD_ENDPOINTS)'"
                                                + " is required: Where the servers are")))
                .hasMessageStartingWith("backend 'test': ");
    }

    @Test
    void theEnvironmentIsStrongerThanTheFileAndTheFirstVariableStrongest() {
        Map<String, String> file = Map.of("endpoints", "file:1");

        assertThat(parse(file, Map.of()).get(ENDPOINTS)).hasToString("[file:1]");
        assertThat(parse(file, Map.of("OLD_ENDPOINTS", "old:2")).get(ENDPOINTS)).hasToString("[old:2]");
        assertThat(parse(file, Map.of("OLD_ENDPOINTS", "old:2", "HOLDFAST_ENDPOINTS", "new:3"))
                        .get(ENDPOINTS))
                .hasToString("[new:3]");
        assertThat(parse(Map.of(), Map.of("HOLDFAST_ENDPOINTS", "new:3")).get(ENDPOINTS))
                .hasToString("[new:3]");
        assertThat(parse(file, Map.of("HOLDFAST_ENDPOINTS", "")).get(ENDPOINTS))
                .as("an empty variable is not set")
                .hasToString("[file:1]");
        assertRefused(
                () -> parse(file, Map.of("HOLDFAST_ENDPOINTS", "nonsense")),
                "option 'endpoints' from environment variable HOLDFAST_ENDPOINTS: ");
    }

    @Test
    void secretsAreShownNowhere() {
        assertThatThrownBy(() -> parse("password", "hunter2"))
                .hasMessageContaining("option 'password': must be at least 8 characters long")
                .hasMessageNotContaining("hunter2");
        assertThatThrownBy(() -> parse(Map.of("endpoints", "a:1"), Map.of("HOLDFAST_PASSWORD", "hunter2")))
                .hasMessageContaining("HOLDFAST_PASSWORD")
                .hasMessageNotContaining("hunter2");
        Config config = parse("password", "correct horse");
        assertThat(config).hasToString("path=vault/ password=*** endpoints=a:1");
        assertThat(config.get(PASSWORD))
                .hasToString("***")
                .isEqualTo(new Secret("correct horse"))
                .hasSameHashCodeAs(new Secret("correct horse"))
                .isNotEqualTo(new Secret("wrong horse"));
    }

    @Test
    void whatIsLeftOutHasItsDefaultOrNone() {
        Config config = parse(Map.of("endpoints", "a:1"), Map.of());

        assertThat(config.get(PATH)).isEqualTo("vault/");
        assertThat(config.find(TIMEOUT)).isEmpty();
        assertThatThrownBy(() -> config.get(TIMEOUT))
                .isInstanceOf(NoSuchElementException.class)
                .hasMessageContaining("'timeout'");
    }

    @Test
    void anOptionOfAnotherSchemaIsAMistake() {
        Config config = parse(Map.of("endpoints", "a:1"), Map.of());

        assertThatThrownBy(() -> config.find(Option.string("path", "Another one")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'path'");
    }

    @Test
    void optionsThatDoNotGoTogetherAreRefusedLikeBadOnes() {
        Config config = parse(Map.of("endpoints", "a:1"), Map.of());

        assertThat(config.refuse("timeout and retries: too long together"))
                .hasMessage("backend 'test': timeout and retries: too long together");
    }

    @Test
    void aSchemaHasEachNameAndTheNamespaceOnce() {
        assertThat(SCHEMA.namespace()).contains(PATH);
        assertThat(SCHEMA.options()).filteredOn(Option::namespace).hasSize(1);
        assertThat(OptionSchema.of(TLS, SIZE).namespace()).isEmpty();
        assertThat(SCHEMA.find("tls")).contains(TLS);
        assertThat(SCHEMA.find("TLS")).isEmpty();
        assertThatThrownBy(() -> OptionSchema.of(TLS, TLS)).hasMessageContaining("'tls' is declared twice");
        assertThatThrownBy(() -> OptionSchema.of(
                        PATH, Option.string("other", "Another one").asNamespace()))
                .hasMessageContaining("more than one option is declared as the namespace");
    }

    @Test
    void aDefaultThatIsNoSuchValueIsRefusedWhenItIsDeclared() {
        assertThatThrownBy(() -> Option.duration("x", "X").defaultsTo("soon"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> RETRIES.defaultsTo("11")).isInstanceOf(IllegalArgumentException.class);
    }

    private static void assertRefused(ThrowingCallable parsing, String problem) {
        assertThatThrownBy(parsing).isInstanceOf(ConfigException.class).hasMessageContaining(problem);
    }

    @Test
    void anAddressThatCarriesAPasswordIsNotRepeated() {
        Option<List<Endpoint>> endpoints = Option.endpoints("endpoints", "Where");

        assertThatThrownBy(() -> OptionSchema.of(endpoints)
                        .parse("backend 'x'", Map.of("endpoints", "http://root:swordfish@host:2379"), name -> null))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("endpoints")
                .hasMessageNotContaining("swordfish");
    }

    @Test
    void aDefaultMustMeetTheConditionToo() {
        Option<Integer> option = Option.integer("n", "A number").defaultsTo("0");

        assertThatThrownBy(() -> option.check(n -> n < 1 ? "must be positive" : null))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
