package dev.holdfast.server.cluster;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether this build may take part in a cluster, by the one that led it last: of the same major version, and fewer than 30
 * minor versions away. Up and down alike: while nodes are replaced one by one, those of the older version still take over
 * when the newer one fails, and a rollback is the same in the other order. What bounds a way down is the protocol: a build
 * never follows one whose protocol it does not know, whatever the operator says.
 */
public final class UpgradeCheck {
    /** The environment variable that turns the comparison of versions off. */
    public static final String SKIP = "HOLDFAST_SKIP_UPGRADE_CHECK";

    private static final Logger log = LoggerFactory.getLogger(UpgradeCheck.class);

    /** The lowest difference of minor versions that is too much. */
    private static final int TOO_FAR = 30;

    private final Release own;
    private final boolean skip;
    private volatile @Nullable String refusal;

    /** @param skip whether versions are not compared, at the operator's own risk */
    public UpgradeCheck(Release own, boolean skip) {
        this.own = own;
        this.skip = skip;
    }

    /** Of this build, by the version that it goes by, and as its environment says. */
    public static UpgradeCheck of(String version, UnaryOperator<@Nullable String> environment) {
        return new UpgradeCheck(Release.of(version), "true".equalsIgnoreCase(environment.apply(SKIP)));
    }

    /** Of which build it is. */
    public Release release() {
        return own;
    }

    /** Why this build may not take part, when it was refused the last time that it tried. */
    Optional<String> refusal() {
        return Optional.ofNullable(refusal);
    }

    /**
     * Before this node contends.
     *
     * @param storage encrypted
     */
    void admit(Backend storage) {
        Optional<ClusterVersion> unused = compare(storage);
        refusal = null;
    }

    /**
     * Before this node serves as the active: another one may have led since. Notes that this build leads now, before it
     * writes anything else.
     *
     * @param storage encrypted, of the term
     */
    void lead(Backend storage) {
        Optional<ClusterVersion> last = compare(storage);
        ClusterVersion now = ClusterVersion.of(own);
        if (last.filter(now::equals).isEmpty()) {
            storage.put(now.entry());
            log.info(
                    "version {} leads the cluster; before: {}",
                    own.version(),
                    last.map(ClusterVersion::version).orElse("none"));
        }
    }

    private Optional<ClusterVersion> compare(Backend storage) {
        Optional<ClusterVersion> last = last(storage);
        last.map(this::problem).ifPresent(problem -> {
            refusal = problem;
            log.error("not taking part in the cluster: {}", problem);
            throw new UpgradeRefusedException(problem);
        });
        return last;
    }

    private Optional<ClusterVersion> last(Backend storage) {
        try {
            return ClusterVersion.read(storage);
        } catch (BackendException.Corrupt e) {
            if (!skip) {
                throw e;
            }
            log.warn("which version led last cannot be read, and {} is set: {}", SKIP, e.getMessage());
            return Optional.empty();
        }
    }

    private @Nullable String problem(ClusterVersion last) {
        if (!own.knows(last.protocol())) {
            return both(last) + "it uses protocol " + last.protocol() + ", and this one knows " + own.protocols()
                    + " only; install a version that knows both, or restore a backup of the older version";
        }
        String far = distance(last.version());
        if (far == null) {
            return null;
        }
        if (skip) {
            log.warn("{}{}; going on, since {} is set", both(last), far, SKIP);
            return null;
        }
        return both(last) + far + ", or start this node with " + SKIP + "=true in its environment, at your own risk";
    }

    private String both(ClusterVersion last) {
        return "this node is version " + own.version() + ", and version " + last.version() + " led the cluster last: ";
    }

    /** What is wrong and what to do about it; null when nothing is. */
    private @Nullable String distance(String last) {
        if (last.equals(own.version())) {
            return null;
        }
        Optional<Release.Numbers> from = Release.numbers(last);
        Optional<Release.Numbers> to = Release.numbers(own.version());
        if (from.isEmpty() || to.isEmpty()) {
            return "these cannot be compared; install a version with a number";
        }
        if (from.get().major() != to.get().major()) {
            return "the major versions differ; go to the last version of the lower one first, and read the release notes";
        }
        int minors = Math.abs(to.get().minor() - from.get().minor());
        return minors < TOO_FAR
                ? null
                : minors + " minor versions are between them, and fewer than " + TOO_FAR
                        + " are supported; go by a version in between";
    }
}
