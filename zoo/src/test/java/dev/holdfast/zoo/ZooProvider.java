package dev.holdfast.zoo;

import dev.holdfast.backend.inmem.InMemProvider;
import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendProvider;
import dev.holdfast.spi.config.Config;
import dev.holdfast.spi.config.Option;
import dev.holdfast.spi.config.OptionSchema;
import dev.holdfast.spi.config.Secret;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.platform.commons.support.ReflectionSupport;

/** The backend type {@code zoo}: the options of {@code inmem}, and which mutant to open. */
public class ZooProvider implements BackendProvider {
    private static final OptionSchema INMEM = new InMemProvider().options();
    private static final Option<String> MUTANT =
            Option.string("mutant", "The class that is opened").defaultsTo(Healthy.class.getName());

    @Override
    public String type() {
        return "zoo";
    }

    @Override
    public OptionSchema options() {
        return OptionSchema.of(
                Stream.concat(Stream.of(MUTANT), INMEM.options().stream()).toArray(Option<?>[]::new));
    }

    @Override
    public Backend open(Config config) {
        Map<String, String> texts = new HashMap<>();
        for (Option<?> option : options().options()) {
            config.find(option).ifPresent(value -> texts.put(option.name(), text(value)));
        }
        texts.remove(MUTANT.name());
        try {
            Healthy opened = ReflectionSupport.newInstance(
                    Class.forName(config.get(MUTANT)).asSubclass(Healthy.class));
            opened.open(texts);
            return opened;
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String text(Object value) {
        if (value instanceof Secret secret) {
            return secret.reveal();
        }
        return value instanceof Duration duration ? duration.toMillis() + "ms" : value.toString();
    }

    /** The backend type {@code zoo-secret}: the same, with a password. */
    public static final class WithPassword extends ZooProvider {
        private static final Option<Secret> PASSWORD = Option.secret("password", "What nobody may see");

        @Override
        public String type() {
            return "zoo-secret";
        }

        @Override
        public OptionSchema options() {
            return OptionSchema.of(Stream.concat(Stream.of(PASSWORD), super.options().options().stream())
                    .toArray(Option<?>[]::new));
        }
    }
}
