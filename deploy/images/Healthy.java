import java.net.Socket;
import java.net.URL;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Asks the manager of this container whether it is alive; exit status 0 if it says so. Nothing is sent but the question, on
 * the loopback interface, so the answer's certificate is not looked at.
 */
final class Healthy {
    private static final int MILLIS = 3_000;

    private Healthy() {}

    private static final class Anybody extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    public static void main(String[] arguments) throws Exception {
        SSLContext tls = SSLContext.getInstance("TLSv1.3");
        tls.init(null, new TrustManager[] {new Anybody()}, new SecureRandom());
        String port = System.getenv().getOrDefault("FABRIC_PORT", "7443");
        HttpsURLConnection question =
                (HttpsURLConnection) new URL("https://127.0.0.1:" + port + "/healthz").openConnection();
        question.setSSLSocketFactory(tls.getSocketFactory());
        question.setHostnameVerifier((host, session) -> true);
        question.setConnectTimeout(MILLIS);
        question.setReadTimeout(MILLIS);
        System.exit(question.getResponseCode() == 200 ? 0 : 1);
    }
}
