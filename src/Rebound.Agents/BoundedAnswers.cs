namespace Rebound.Agents;

/// <summary>Keeps the bodies of a server's answers to a bound, whether they come whole or as events.</summary>
/// <param name="bound">Bytes of an answer.</param>
/// <param name="boundsEvents">
/// Whether a stream of events is bounded line by line, as one that lasts as long as a connection; else as a whole.
/// </param>
internal sealed class BoundedAnswers(HttpMessageHandler inner, long bound, bool boundsEvents) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        var sent = response.Content;
        var linewise = boundsEvents && sent.Headers.ContentType?.MediaType == "text/event-stream";
        response.Content = new StreamContent(new BoundedStream(
            await sent.ReadAsStreamAsync(cancellationToken), bound, linewise, "the server's answer"));
        foreach (var (name, values) in sent.Headers)
        {
            response.Content.Headers.TryAddWithoutValidation(name, values);
        }

        return response;
    }
}
