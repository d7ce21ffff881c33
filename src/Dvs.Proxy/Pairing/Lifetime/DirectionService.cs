using Dvs.Proxy.Device;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Diagnostics.Logging;
using Dvs.Proxy.Pairing.Driver;
using Dvs.Proxy.Pairing.Invariants;

namespace Dvs.Proxy.Pairing.Lifetime;

/// <summary>
/// The service of one direction of a pair, on its proxy thread: serves while the pair does, parks in between, and gets over every fault but a
/// broken invariant with the same thread, which is the one that the driver knows. Owns what the driver holds for the direction, and the fault
/// that has yet to be got over. The direction's thread only, but for <see cref="Driver"/>. Behaviour: SurvivalTests, ParkTests.
/// </summary>
/// <param name="context">The pair.</param>
/// <param name="counters">The direction's counters.</param>
/// <param name="name">The direction, for the log: <c>sender</c> or <c>receiver</c>.</param>
/// <param name="connected">What the driver is told of a connection.</param>
/// <param name="disconnected">What it is told when that is gone.</param>
internal sealed class DirectionService(
    PairContext context, DirectionCounters counters, string name, ProxyConnectionChange connected, ProxyConnectionChange disconnected)
{
    private readonly FaultPause _faults = new(context, name, counters);
    private ThreadOwner _owner;
    private Exception? _fault;

    /// <summary>What the driver holds for the state of the direction.</summary>
    public DriverConnection Driver { get; } = new(context, connected, disconnected);

    /// <summary>Serves until the pair stops; then the driver hears that the connection is gone.</summary>
    /// <param name="serve">Makes or takes one connection, and serves it; again and again.</param>
    public void Run(Action serve)
    {
        _owner.Check();
        try
        {
            while (!context.Lifetime.IsStopping)
            {
                try
                {
                    ServeOrPark(serve);
                }
#pragma warning disable CA1031 // A full table of descriptors, an assembly that cannot be loaded, a driver's answer nobody knows: it passes.
                catch (Exception exception) when (exception is not BrokenInvariantException)
#pragma warning restore CA1031
                {
                    _fault ??= exception;
                }

                RecoverFromFault();
            }
        }
        finally
        {
            FaultBarrier.Run(context.Logger, $"the {name}'s last words to the driver", Driver.Disconnect);
        }
    }

    /// <summary>Serves a connection. A fault ends it as anything else does, and is got over when it has been ended.</summary>
    /// <returns>Why it ends.</returns>
    public ConnectionEnd ServeConnection(Func<ConnectionEnd> serve)
    {
        _owner.Check();
        try
        {
            return serve();
        }
        catch (IOException exception)
        {
            return ConnectionEnd.Of(exception);
        }
#pragma warning disable CA1031 // Goes to Run, once this connection has been ended as any other.
        catch (Exception exception) when (exception is not BrokenInvariantException)
#pragma warning restore CA1031
        {
            _fault = exception;
            return FaultPause.Describe(exception);
        }
    }

    private void ServeOrPark(Action serve)
    {
        if (context.Lifetime.IsServing)
        {
            serve();
            return;
        }

        Driver.Disconnect();
        counters.State = ProxyState.Parked;
        context.Lifetime.WaitWhileParking();
    }

    private void RecoverFromFault()
    {
        if (_fault is { } fault)
        {
            _fault = null;
            FaultBarrier.Run(context.Logger, "telling the driver of a fault's end", Driver.Disconnect);
            _faults.OnFault(fault);
        }
    }
}
