using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Rebound.Server.Telemetry;

/// <summary>Sends spans and metrics by OpenTelemetry's protocol, as its standard variables say.</summary>
public sealed class TelemetryExport : IDisposable
{
    private const string AspNetCore = "Microsoft.AspNetCore";

    private static readonly string[] EndpointVariables =
        ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"];

    private readonly TracerProvider _traces;
    private readonly MeterProvider _metrics;

    private TelemetryExport(TracerProvider traces, MeterProvider metrics) => (_traces, _metrics) = (traces, metrics);

    /// <summary>Begins to send, where a variable says where to (<c>OTEL_EXPORTER_OTLP_ENDPOINT</c>); null where none does.</summary>
    /// <param name="variable">The value of an environment variable; null for none.</param>
    public static TelemetryExport? Start(Func<string, string?> variable)
    {
        if (variable("OTEL_SDK_DISABLED") == "true" || Array.TrueForAll(EndpointVariables, name => string.IsNullOrEmpty(variable(name))))
        {
            return null;
        }

        var resource = ResourceBuilder.CreateDefault().AddService("rebound").AddEnvironmentVariableDetector();
        return new TelemetryExport(
            Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource(RequestTelemetry.SourceName).AddSource(AspNetCore)
                .AddOtlpExporter().Build(),
            Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter(RequestTelemetry.SourceName).AddOtlpExporter().Build());
    }

    /// <summary>Sends what is left.</summary>
    public void Dispose()
    {
        _traces.Dispose();
        _metrics.Dispose();
    }
}
