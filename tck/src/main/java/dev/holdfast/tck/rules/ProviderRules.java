package dev.holdfast.tck.rules;

import static dev.holdfast.tck.rules.Data.key;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.config.ConfigException;
import dev.holdfast.spi.config.Option;
import dev.holdfast.spi.config.OptionSchema;
import dev.holdfast.tck.NotApplicableException;
import dev.holdfast.tck.Rule;
import dev.holdfast.tck.Trial;
import dev.holdfast.tck.Verifies;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Configuring and finding. */
public final class ProviderRules {
    private static final String SECRET = "tr0ub4dor&3";

    /** Unknown, missing and malformed options are refused by name. */
    @Verifies(value = Rule.LC_02, parallel = true)
    public void badOptionsAreRefusedByName(Trial trial) {
        OptionSchema schema = schema(trial);
        for (Option<?> option : schema.options()) {
            // In the middle, so that the typo does not contain the name that the message must give.
            int middle = (option.name().length() + 1) / 2;
            String typo =
                    option.name().substring(0, middle) + "x" + option.name().substring(middle);
            refused(trial, typo, "", "an unknown option", typo, "'" + option.name() + "'");
            String bad = malformed(option.kind());
            if (!bad.isEmpty()) {
                refused(trial, option.name(), bad, "a malformed " + option.kind(), option.name());
            }
            if (option.required()) {
                Map<String, String> without = new HashMap<>(trial.options());
                without.remove(option.name());
                refusal(trial, without, "a missing option", option.name());
            }
        }
    }

    private static String malformed(Option.Kind kind) {
        return switch (kind) {
            case STRING, SECRET -> "";
            case INT -> "many";
            case DURATION -> "a while";
            case SIZE -> "big";
            case BOOLEAN -> "perhaps";
            case ENDPOINTS -> "not an address";
        };
    }

    private static void refused(Trial trial, String name, String value, String what, String... named) {
        Map<String, String> options = new HashMap<>(trial.options());
        options.put(name, value);
        refusal(trial, options, what, named);
    }

    private static void refusal(Trial trial, Map<String, String> options, String what, String... named) {
        Throwable thrown = Thrown.by(() -> trial.open(options));
        assertThat(thrown)
                .as("open with " + what + " ('" + named[0] + "')")
                .isInstanceOf(ConfigException.class)
                .hasMessageContainingAll(named);
    }

    /** A secret shows nowhere: not in messages, descriptions, thread names or logs. */
    @Verifies(Rule.LC_02)
    public void secretsNeverShow(Trial trial) throws Exception {
        Map<String, String> options = new HashMap<>(trial.options());
        boolean any = false;
        for (Option<?> option : schema(trial).options()) {
            if (option.kind() == Option.Kind.SECRET) {
                options.put(option.name(), SECRET);
                any = true;
            }
        }
        if (!any) {
            throw new NotApplicableException("the backend has no secret options");
        }
        List<String> shown = new ArrayList<>();
        try (LogCapture logs = LogCapture.everything()) {
            shown.add(Backends.load()
                    .configure(trial.harness().type(), trial.options())
                    .toString());
            use(trial, options, shown);
            Map<String, String> unknown = new HashMap<>(options);
            unknown.put("unknown_option", "1");
            use(trial, unknown, shown);
            trial.harness().wrongCredentials().ifPresent(wrong -> {
                Map<String, String> refused = new HashMap<>(options);
                wrong.forEach((name, value) -> {
                    if (!SECRET.equals(options.get(name))) {
                        refused.put(name, value);
                    }
                });
                use(trial, refused, shown);
            });
            Thread.getAllStackTraces().keySet().forEach(thread -> shown.add("thread " + thread.getName()));
            shown.addAll(logs.lines());
        }
        assertThat(shown)
                .as("messages, descriptions, thread names and log lines")
                .noneMatch(text -> text.contains(SECRET));
    }

    private static void use(Trial trial, Map<String, String> options, List<String> shown) {
        try (Backend backend = Backends.load().open(trial.harness().type(), options)) {
            shown.add(backend.toString());
            var unused = backend.get(key("any"));
        } catch (RuntimeException e) {
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                shown.add(cause.toString());
            }
        }
    }

    /** Found on the class path, next to whatever else is there. */
    @Verifies(value = Rule.LC_03, parallel = true)
    public void theProviderIsFoundOnTheClassPath(Trial trial) {
        Backends backends = Backends.load();
        assertThat(backends.types()).as("types found").contains(trial.harness().type());
        assertThat(backends.problems()).as("providers that could not be loaded").isEmpty();
        assertThat(backends.provider(trial.harness().type()).type())
                .as("the provider's own type")
                .isEqualTo(trial.harness().type());
    }

    /** Found on the module path, in a JVM of its own. */
    @Verifies(value = Rule.LC_03, parallel = true)
    public void theProviderIsFoundOnTheModulePath(Trial trial) throws Exception {
        String said = ModulePath.of(trial).probe();
        assertThat(said).as("a JVM with the backend on its module path").contains("named=true works=true problems=[]");
    }

    private static OptionSchema schema(Trial trial) {
        return Backends.load().provider(trial.harness().type()).options();
    }
}
