package io.wgfabric.core.state;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What decides is pure: no clock, no random, no I/O, no thread, no default locale, no unordered collection. */
class PurityTest {
    private static final JavaClasses STATE = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.wgfabric.core.state");

    @Test
    void theStatePackageTouchesNothingOutside() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "java.io..",
                        "java.nio.file..",
                        "java.nio.channels..",
                        "java.net..",
                        "java.util.concurrent..",
                        "java.util.logging..",
                        "io.wgfabric.core",
                        "io.wgfabric.core.codec..",
                        "io.wgfabric.core.crypto..",
                        "io.wgfabric.core.log..")
                .check(STATE);
    }

    @Test
    void theStatePackageKnowsNoClockNoRandomAndNoThread() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .belongToAnyOf(
                        Clock.class,
                        InstantSource.class,
                        java.util.Random.class,
                        java.security.SecureRandom.class,
                        java.util.UUID.class,
                        java.util.Locale.class,
                        Thread.class)
                .check(STATE);
        noClasses().should().callMethod(Instant.class, "now").check(STATE);
        noClasses().should().callMethod(System.class, "currentTimeMillis").check(STATE);
        noClasses().should().callMethod(System.class, "nanoTime").check(STATE);
    }

    @Test
    void theStatePackageIteratesOverNothingWithoutAnOrder() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .belongToAnyOf(HashMap.class, HashSet.class, IdentityHashMap.class)
                .check(STATE);
        noClasses().should().callMethod(Map.class, "copyOf", Map.class).check(STATE);
        noClasses().should().callMethod(Map.class, "of").check(STATE);
        noClasses()
                .should()
                .callMethod(Set.class, "copyOf", java.util.Collection.class)
                .check(STATE);
        noClasses().should().callMethod(Set.class, "of").check(STATE);
    }
}
