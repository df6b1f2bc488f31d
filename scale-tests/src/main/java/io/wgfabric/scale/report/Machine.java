package io.wgfabric.scale.report;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;

/** What figures of one machine must be read beside. */
final class Machine {
    private static final String GROUP = "machine";
    private static final double GIB = 1 << 30;

    private Machine() {}

    static List<Fact> facts() {
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        return List.of(
                Fact.of(GROUP, "processors", Runtime.getRuntime().availableProcessors(), ""),
                Fact.of(GROUP, "memory", system.getTotalMemorySize() / GIB, "GiB"),
                Fact.of(GROUP, "system", system.getName() + " " + system.getVersion() + " " + system.getArch()),
                Fact.of(GROUP, "Java", Runtime.version().toString()));
    }
}
