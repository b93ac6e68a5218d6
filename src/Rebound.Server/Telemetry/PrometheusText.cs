using System.Globalization;
using System.Text;

namespace Rebound.Server.Telemetry;

/// <summary>
/// Metrics in Prometheus's text format (https://prometheus.io/docs/instrumenting/exposition_formats/). Written by hand, since vLLM's names
/// have colons, which prometheus-net and OpenTelemetry's exporter refuse.
/// </summary>
internal sealed class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly StringBuilder _text = new();

    /// <param name="kind"><c>gauge</c>, <c>counter</c> or <c>histogram</c>.</param>
    public void Describe(string name, string kind, string help) =>
        _text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {kind}\n");

    /// <param name="labels">Names and values.</param>
    public void Value(string name, double value, params ReadOnlySpan<(string Name, string Value)> labels)
    {
        _text.Append(name);
        for (var i = 0; i < labels.Length; i++)
        {
            _text.Append(i == 0 ? '{' : ',').Append(labels[i].Name).Append("=\"").Append(Escaped(labels[i].Value)).Append('"');
        }

        _text.Append(labels.Length > 0 ? "} " : " ").Append(Number(value)).Append('\n');
    }

    public static string Number(double value) => double.IsPositiveInfinity(value) ? "+Inf" : value.ToString(CultureInfo.InvariantCulture);

    public override string ToString() => _text.ToString();

    private static string Escaped(string value) => value.Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
