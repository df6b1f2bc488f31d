package io.wgfabric.simulation;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Who may know whom: the modules of the house, as docs/ARCHITECTURE.md draws them. */
final class BoundariesTest {
    private static JavaClasses fabric = new ClassFileImporter().importClasses();

    @BeforeAll
    static void read() {
        fabric = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.wgfabric");
    }

    @Test
    void theApiKnowsNothingButJava() {
        classes()
                .that()
                .resideInAPackage("io.wgfabric.api..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("io.wgfabric.api..", "java..", "org.jspecify.annotations..")
                .check(fabric);
    }

    @Test
    void theCoreKnowsNoConsensusNoAgentAndNoServer() {
        noClasses()
                .that()
                .resideInAPackage("io.wgfabric.core..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.wgfabric.jgroups..",
                        "io.wgfabric.agent..",
                        "io.wgfabric.javalin..",
                        "io.wgfabric.simulation..",
                        "org.jgroups..",
                        "io.javalin..",
                        "picocli..")
                .check(fabric);
    }

    @Test
    void theReplicationKnowsNoAgentAndNoServer() {
        noClasses()
                .that()
                .resideInAPackage("io.wgfabric.jgroups..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.wgfabric.agent..", "io.wgfabric.javalin..", "io.wgfabric.simulation..", "io.javalin..")
                .check(fabric);
    }

    @Test
    void theAgentKnowsNoConsensusAndNoServer() {
        noClasses()
                .that()
                .resideInAPackage("io.wgfabric.agent..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.wgfabric.jgroups..",
                        "io.wgfabric.javalin..",
                        "io.wgfabric.simulation..",
                        "org.jgroups..",
                        "io.javalin..",
                        "org.eclipse.jetty..")
                .check(fabric);
    }

    @Test
    void theServerDoesNotKnowTheTestKit() {
        noClasses()
                .that()
                .resideInAPackage("io.wgfabric.javalin..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.wgfabric.simulation..")
                .check(fabric);
    }

    @Test
    void theNetworksOfTheTestKitKnowNothingOfTheStory() {
        noClasses()
                .that()
                .resideInAPackage("io.wgfabric.simulation.netns..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.wgfabric.simulation.lab..", "io.wgfabric.javalin..", "io.wgfabric.agent..")
                .check(fabric);
    }

    @Test
    void theCheckerOfHistoriesKnowsNothingButJava() {
        classes()
                .that()
                .resideInAPackage("io.wgfabric.simulation.history..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("io.wgfabric.simulation.history..", "java..", "org.jspecify.annotations..")
                .check(fabric);
    }

    @Test
    void theModulesFormNoCircle() {
        SlicesRuleDefinition.slices()
                .matching("io.wgfabric.(*)..")
                .should()
                .beFreeOfCycles()
                .check(fabric);
    }
}
