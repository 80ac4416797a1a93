package dev.holdfast.server.config;

import java.util.ArrayList;
import java.util.List;

/** The sockets of all listeners. Each can be had once: those for other nodes only when a node becomes active. */
final class Sockets {
    private record Wanted(Place place, String option, ListenAddress address) {}

    private final boolean clustering;
    private final List<Wanted> wanted = new ArrayList<>();

    /** @param clustering whether cluster addresses are used at all */
    Sockets(boolean clustering) {
        this.clustering = clustering;
    }

    /** Adds those of a listener, and tells which of them another one wants. */
    void add(Place place, ListenerConfig listener, Problems problems) {
        List<Wanted> own = new ArrayList<>();
        own.add(new Wanted(place, "address", listener.address()));
        if (clustering) {
            own.add(new Wanted(place, "cluster_address", listener.clusterAddress()));
        }
        for (Wanted one : own) {
            wanted.stream()
                    .filter(other -> one.address.collides(other.address))
                    .forEach(other -> tell(one, other, problems));
        }
        wanted.addAll(own);
    }

    private static void tell(Wanted one, Wanted other, Problems problems) {
        String why = one.option.equals(other.option)
                ? ""
                : "; a cluster_address is the port after that of address when left out";
        problems.add(
                one.place,
                "listener.tcp." + one.option,
                one.address + " is also wanted as the " + other.option + " " + other.address + " of the listener at "
                        + other.place + why);
    }
}
