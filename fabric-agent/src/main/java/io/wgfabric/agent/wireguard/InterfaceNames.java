package io.wgfabric.agent.wireguard;

import java.math.BigInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names of the interfaces of a node: plane 1 has the number at the end raised by one ({@code wgf0}, {@code wgf1}),
 * or a 1 if there is none. At most 15 characters of letters, digits and {@code _ = + . -}, as {@code wg-quick} has them.
 */
record InterfaceNames(String main, String spare) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_=+.-]{0,14}");
    private static final Pattern NUMBER = Pattern.compile("[0-9]+$");

    /** @throws IllegalArgumentException if one of the two is no name of an interface */
    static InterfaceNames of(String main) {
        Matcher number = NUMBER.matcher(main);
        String spare = main + "1";
        if (number.find()) {
            String raised = new BigInteger(number.group()).add(BigInteger.ONE).toString();
            String zeros = "0".repeat(Math.max(0, number.group().length() - raised.length()));
            spare = main.substring(0, number.start()) + zeros + raised;
        }
        for (String name : new String[] {main, spare}) {
            if (!NAME.matcher(name).matches()) {
                throw new IllegalArgumentException("'" + name
                        + "' is no name for an interface: 1 to 15 characters of letters, digits and _ = + . -");
            }
        }
        return new InterfaceNames(main, spare);
    }
}
