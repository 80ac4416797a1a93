package dev.holdfast.tck.stores;

import dev.holdfast.tck.StoreException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/** The image that a store's containers are made from. */
final class StoreImage {
    private static final Duration PATIENCE = Duration.ofMinutes(15);

    private StoreImage() {}

    /** Another one where the user names it, by the property {@code holdfast.image.STORE} or in the environment. */
    static String named(String store, String usual) {
        String variable = "HOLDFAST_IMAGE_" + store.toUpperCase(Locale.ROOT);
        return Optional.ofNullable(System.getProperty("holdfast.image." + store))
                .or(() -> Optional.ofNullable(System.getenv(variable)))
                .orElse(usual);
    }

    /**
     * While {@code ./holdfast test} still builds images, it runs what needs none; it names the file that says that they are
     * there.
     */
    static void awaitBuilt() {
        String file = System.getenv("HOLDFAST_IMAGES_BUILT");
        if (file == null) {
            return;
        }
        Path built = Path.of(file);
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!Files.exists(built)) {
            if (System.nanoTime() - end > 0) {
                throw new StoreException(
                        "the images of the stores were not built within " + PATIENCE.toMinutes() + " minutes", null);
            }
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new StoreException("interrupted while the images of the stores were being built", e);
            }
        }
    }
}
