import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.jayway.jsonpath.Configuration;
import com.jayway.jsonpath.JsonPath;
import com.jayway.jsonpath.spi.json.JacksonJsonNodeJsonProvider;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;

/** Answers `["PATH", DATA]` lines as Jayway does: `{"value"}`, `{"error"}` (the read fails) or `{"refused"}` (no path). */
public class Oracle {
  public static void main(String[] args) throws Exception {
    ObjectMapper json = new ObjectMapper();
    Configuration strict = Configuration.builder().jsonProvider(new JacksonJsonNodeJsonProvider()).build();
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
    PrintStream out = new PrintStream(System.out, false, "UTF-8");
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      JsonNode question = json.readTree(line);
      ObjectNode answer = json.createObjectNode();
      JsonPath path = null;
      try {
        path = JsonPath.compile(question.get(0).asText());
      } catch (Exception refusal) {
        answer.put("refused", tell(refusal));
      }
      if (path != null) {
        try {
          Object value = path.read(question.get(1), strict);
          answer.set("value", json.valueToTree(value));
        } catch (Throwable failure) {
          answer.put("error", tell(failure));
        }
      }
      out.println(json.writeValueAsString(answer));
    }
    out.flush();
  }

  private static String tell(Throwable failure) {
    return failure.getClass().getSimpleName() + ": " + failure.getMessage();
  }
}
