package dev.holdfast.tck.faults;

import dev.holdfast.spi.config.Endpoint;
import dev.holdfast.spi.config.Option;
import dev.holdfast.spi.config.OptionSchema;
import dev.holdfast.tck.UnverifiedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** One proxy for each server address among the options of a client. */
public final class TcpLink implements Link {
    private final Map<String, String> options;
    private final List<FaultProxy> proxies;

    private TcpLink(Map<String, String> options, List<FaultProxy> proxies) {
        this.options = Map.copyOf(options);
        this.proxies = List.copyOf(proxies);
    }

    /**
     * Leads every option of kind {@link Option.Kind#ENDPOINTS} through proxies on loopback.
     *
     * @throws UnverifiedException when the schema has no such option, or none has a value
     */
    public static TcpLink between(OptionSchema schema, Map<String, String> options) {
        Map<String, String> through = new HashMap<>(options);
        List<FaultProxy> proxies = new ArrayList<>();
        for (Option<?> option : schema.options()) {
            String text =
                    options.getOrDefault(option.name(), option.defaultText().orElse(""));
            if (option.kind() == Option.Kind.ENDPOINTS && !text.isEmpty()) {
                through.put(
                        option.name(),
                        List.of(text.split(",")).stream()
                                .map(address -> Endpoint.parse(address.strip()))
                                .map(endpoint -> proxied(endpoint, proxies))
                                .collect(Collectors.joining(",")));
            }
        }
        if (proxies.isEmpty()) {
            throw new UnverifiedException("no option of the backend holds server addresses, so no link can be cut");
        }
        return new TcpLink(through, proxies);
    }

    private static String proxied(Endpoint endpoint, List<FaultProxy> proxies) {
        FaultProxy proxy = FaultProxy.to(endpoint.host(), endpoint.port());
        proxies.add(proxy);
        return endpoint.at("127.0.0.1", proxy.port()).toString();
    }

    @Override
    public Map<String, String> options() {
        return options;
    }

    @Override
    public void apply(Fault fault) {
        proxies.forEach(proxy -> proxy.apply(fault));
    }

    @Override
    public void delay(Duration each) {
        proxies.forEach(proxy -> proxy.delay(each));
    }

    @Override
    public void lateReplies(double share, Duration most, long seed) {
        for (int i = 0; i < proxies.size(); i++) {
            proxies.get(i).lateReplies(share, most, seed + i);
        }
    }

    @Override
    public void throttle(long bytesPerSecond) {
        proxies.forEach(proxy -> proxy.throttle(bytesPerSecond));
    }

    @Override
    public void dropNextReply() {
        proxies.forEach(FaultProxy::dropNextReply);
    }

    @Override
    public void silenceConnections() {
        proxies.forEach(FaultProxy::silenceConnections);
    }

    @Override
    public Traffic traffic() {
        return proxies.stream().map(FaultProxy::traffic).reduce(new Traffic(0, 0, 0), Traffic::plus);
    }

    @Override
    public int connections() {
        return proxies.stream().mapToInt(FaultProxy::connections).sum();
    }

    @Override
    public void heal() {
        proxies.forEach(FaultProxy::heal);
    }

    @Override
    public void close() {
        proxies.forEach(FaultProxy::close);
    }
}
