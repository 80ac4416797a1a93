package dev.holdfast.ha;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.config.Config;
import dev.holdfast.spi.config.Option;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Opens the backends of a pair; leaves nothing open when it fails. */
record HAStorageOpening(Backends backends) {
    HAStorage open(String type, Map<String, String> options, @Nullable String haType, Map<String, String> haOptions) {
        Config config = backends.configure(type, options);
        Config haConfig = haType == null ? config : backends.configure(haType, haOptions);
        Backend storage = backends.provider(type).open(config);
        Backend haStorage = null;
        try {
            HAStorageBuilder pair = HAStorage.of(storage);
            if (haType != null) {
                haStorage = backends.provider(haType).open(haConfig);
                var unused = pair.haStorage(haStorage);
            }
            duration(type, config, "request_timeout").ifPresent(pair::requestTimeout);
            duration(haType == null ? type : haType, haConfig, "lock_ttl").ifPresent(pair::lockTtl);
            return pair.build(true);
        } catch (RuntimeException | Error e) {
            if (haStorage != null) {
                haStorage.close();
            }
            storage.close();
            throw e;
        }
    }

    private Optional<Duration> duration(String type, Config config, String option) {
        return backends.provider(type)
                .options()
                .find(option)
                .filter(found -> found.kind() == Option.Kind.DURATION)
                .flatMap(config::find)
                .map(Duration.class::cast);
    }
}
