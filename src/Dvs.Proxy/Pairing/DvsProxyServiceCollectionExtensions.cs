using Dvs.Proxy.Configuration;
using Dvs.Proxy.Device;
using Dvs.Proxy.Pairing;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.Tcp;
using Dvs.Proxy.Transport.Unix;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers a multi-node proxy.</summary>
public static class DvsProxyServiceCollectionExtensions
{
    /// <summary>
    /// Adds a <see cref="MultiNodeProxy"/> as a hosted service, with TCP as transport. The driver must be registered as
    /// <see cref="IDvkDevice"/> (or <see cref="IDvkProxyCalls"/>); further transports as <see cref="IProxyTransport"/>.
    /// </summary>
    /// <param name="services">Where to add it.</param>
    /// <param name="configure">Fills the options; runs after other configuration of <see cref="ProxyOptions"/>.</param>
    public static IServiceCollection AddDvsProxy(this IServiceCollection services, Action<ProxyOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<ProxyOptions>();
        if (configure is not null)
        {
            services.Configure(configure);
        }

        services.TryAddEnumerable(ServiceDescriptor.Singleton<IProxyTransport, TcpTransport>(static _ => new TcpTransport()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IProxyTransport, UnixSocketTransport>(static _ => new UnixSocketTransport()));
        services.TryAddSingleton(static provider => new TransportRegistry(provider.GetServices<IProxyTransport>()));
        services.TryAddSingleton<IDvkProxyCalls>(static provider => provider.GetRequiredService<IDvkDevice>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(static provider => new MultiNodeProxy(
            provider.GetRequiredService<IDvkProxyCalls>(),
            provider.GetRequiredService<IOptions<ProxyOptions>>(),
            provider.GetRequiredService<TransportRegistry>(),
            provider.GetService<ILoggerFactory>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IHostedService>(static provider => provider.GetRequiredService<MultiNodeProxy>());
        return services;
    }
}
